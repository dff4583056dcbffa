import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import type { HostStage } from '../host/hiring-pipeline.port.js';
import type { MappedStage, PlacementContext } from './place-application.js';
import { jobKey, stageKeyOf } from './stage-key.js';
import { suggestStages } from './suggest-stages.js';
import type { UnmappedStage } from './suggest-stages.js';

export interface StageRow {
  readonly remote_id: string;
  readonly name: string;
  readonly job_remote_id: string | null;
  readonly position: number;
}

/** Everything that placing an application needs, as the database has it now. */
export async function readPlacementContext(
  em: EntityManager,
  connectionId: string,
  hostStages: readonly HostStage[],
): Promise<PlacementContext> {
  const stages = await readStages(em, connectionId);
  const mappings = await query<{ stage_key: string; host_stage_id: string; status: string; confidence: number }>(
    em,
    `select stage_key, host_stage_id, status, confidence from ats.stage_mappings where connection_id = $1`,
    [connectionId],
  );
  return {
    hostStages,
    stageKeys: new Map(stages.map((stage) => [stage.remote_id, keyOf(stage)])),
    mappings: new Map<string, MappedStage>(
      mappings.map((row) => [
        row.stage_key,
        { hostStageId: row.host_stage_id, confirmed: row.status === 'confirmed', confidence: row.confidence },
      ]),
    ),
  };
}

/** Suggests a host stage for every ATS stage that has no mapping yet; what an admin confirmed is left alone. */
export async function suggestMissing(
  em: EntityManager,
  connectionId: string,
  hostStages: readonly HostStage[],
  now: Date,
): Promise<number> {
  const stages = await readStages(em, connectionId);
  const known = await query<{ stage_key: string }>(
    em,
    `select stage_key from ats.stage_mappings where connection_id = $1`,
    [connectionId],
  );
  const mapped = new Set(known.map((row) => row.stage_key));
  const suggestions = suggestStages(
    unmapped(stages).filter((stage) => !mapped.has(stage.key)),
    hostStages,
  );
  if (suggestions.length === 0) return 0;
  await query(
    em,
    `insert into ats.stage_mappings (connection_id, stage_key, stage_name, host_stage_id, status, confidence, reason, changed_at)
     select $1::uuid, s.key, s.name, s."hostStageId", 'suggested', s.confidence, s.reason, $3
     from jsonb_to_recordset($2::jsonb) as s(key text, name text, "hostStageId" text, confidence real, reason text)
     on conflict do nothing`,
    [connectionId, JSON.stringify(suggestions), now],
  );
  return suggestions.length;
}

/** What an admin says of one stage of the ATS. */
export interface MappingChoice {
  readonly key: string;
  /** Null takes back what was said for one job: the rule for all jobs holds there again. */
  readonly hostStageId: string | null;
  /** Only for this job, where every job has its own stages. */
  readonly jobRemoteId?: string | null | undefined;
}

interface Confirming {
  readonly connectionId: string;
  readonly userId: string;
  readonly now: Date;
}

/** Writes what an admin chose. False when a stage of the ATS that is named does not exist; nothing may be kept then. */
export async function writeChoices(
  em: EntityManager,
  confirming: Confirming,
  choices: readonly MappingChoice[],
): Promise<boolean> {
  const general = choices.filter(({ jobRemoteId }) => jobRemoteId === undefined || jobRemoteId === null);
  const confirmed = await execute(
    em,
    `update ats.stage_mappings m set host_stage_id = c."hostStageId", status = 'confirmed', confidence = 1,
       reason = 'Set by an admin.', changed_by = $3, changed_at = $4
     from jsonb_to_recordset($2::jsonb) as c(key text, "hostStageId" text)
     where m.connection_id = $1 and m.stage_key = c.key and m.job_remote_id is null and c."hostStageId" is not null`,
    [confirming.connectionId, JSON.stringify(general), confirming.userId, confirming.now],
  );
  if (confirmed < new Set(general.map(({ key }) => key)).size) return false;
  for (const choice of choices) {
    const { key, jobRemoteId, hostStageId } = choice;
    if (jobRemoteId === undefined || jobRemoteId === null) continue;
    if (!(await writeOverride(em, confirming, { key, jobRemoteId, hostStageId }))) return false;
  }
  return true;
}

async function writeOverride(
  em: EntityManager,
  { connectionId, userId, now }: Confirming,
  { key, jobRemoteId, hostStageId }: { key: string; jobRemoteId: string; hostStageId: string | null },
): Promise<boolean> {
  if (hostStageId === null) {
    await execute(
      em,
      `delete from ats.stage_mappings where connection_id = $1 and stage_key = $2 and job_remote_id = $3`,
      [connectionId, jobKey(jobRemoteId, key), jobRemoteId],
    );
    return true;
  }
  const stages = await readStages(em, connectionId);
  const stage = stages.find((one) => one.job_remote_id === jobRemoteId && keyOf(one) === key);
  if (stage === undefined) return false;
  await execute(
    em,
    `insert into ats.stage_mappings (connection_id, stage_key, stage_name, job_remote_id, host_stage_id, status, confidence, reason,
       changed_by, changed_at)
     values ($1, $2, $3, $4, $5, 'confirmed', 1, 'Set by an admin for this job.', $6, $7)
     on conflict (connection_id, stage_key) do update set host_stage_id = excluded.host_stage_id, stage_name = excluded.stage_name,
       changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    [connectionId, jobKey(jobRemoteId, key), stage.name, jobRemoteId, hostStageId, userId, now],
  );
  return true;
}

function readStages(em: EntityManager, connectionId: string): Promise<StageRow[]> {
  return query<StageRow>(
    em,
    `select remote_id, name, job_remote_id, position from ats.stages where connection_id = $1 and tombstone is null`,
    [connectionId],
  );
}

function keyOf(stage: StageRow): string {
  return stageKeyOf({ remoteId: stage.remote_id, name: stage.name, jobRemoteId: stage.job_remote_id });
}

/** One entry a key; where a key stands in several pipelines, its average place counts. */
export function unmapped(stages: readonly StageRow[]): (UnmappedStage & { readonly count: number })[] {
  const last = new Map<string | null, number>();
  for (const stage of stages)
    last.set(stage.job_remote_id, Math.max(last.get(stage.job_remote_id) ?? 0, stage.position));
  const byKey = new Map<string, { name: string; sum: number; count: number }>();
  for (const stage of stages) {
    const key = keyOf(stage);
    const entry = byKey.get(key) ?? { name: stage.name, sum: 0, count: 0 };
    const end = last.get(stage.job_remote_id) ?? 0;
    entry.sum += end === 0 ? 0 : stage.position / end;
    entry.count += 1;
    byKey.set(key, entry);
  }
  return [...byKey].map(([key, { name, sum, count }]) => ({ key, name, relativePosition: sum / count, count }));
}
