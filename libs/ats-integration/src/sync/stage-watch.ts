import type { EntityManager } from '@mikro-orm/postgresql';
import { raiseIssue } from '../connections/issues.js';
import type { IssueOrigin } from '../connections/issues.js';
import { execute, query } from '../database/query.js';
import { STAGE_ISSUES, compareStages } from '../mapping/compare-stages.js';
import type { KnownStage } from '../mapping/compare-stages.js';

/**
 * Tells the admin what became of the ATS's stages since somebody looked last, and remembers them as they are now: news
 * and memory land together.
 */
export async function watchStages(em: EntityManager, connection: IssueOrigin, ats: string, now: Date): Promise<void> {
  await em.transactional(async (inner) => {
    const columns = `remote_id as "remoteId", name, job_remote_id as "jobRemoteId", position`;
    const before = await query<KnownStage>(
      inner,
      `select ${columns} from ats.known_stages where connection_id = $1 order by remote_id for update`,
      [connection.id],
    );
    const living = `from ats.stages where connection_id = $1 and active and tombstone is null`;
    const current = await query<KnownStage>(inner, `select ${columns} ${living}`, [connection.id]);
    for (const { code, subject, message } of compareStages(before, current)) {
      await raiseIssue(inner, connection, { code, subject, message: message(ats) }, now);
    }
    if (!isChanged(before, current)) return;
    await execute(inner, `delete from ats.known_stages where connection_id = $1`, [connection.id]);
    await execute(
      inner,
      `insert into ats.known_stages (connection_id, remote_id, name, job_remote_id, position)
       select connection_id, remote_id, name, job_remote_id, position ${living} on conflict do nothing`,
      [connection.id],
    );
    // The mapping shows a stage by the name that it has.
    await execute(
      inner,
      `update ats.stage_mappings m set stage_name = s.name from ats.stages s
       where m.connection_id = $1 and s.connection_id = $1 and m.stage_key = 'id:' || s.remote_id and m.stage_name <> s.name`,
      [connection.id],
    );
  });
}

/** Somebody looked: at these keys, or at everything. */
export async function stagesLookedAt(
  em: EntityManager,
  connectionId: string,
  now: Date,
  keys: readonly string[] | null,
): Promise<void> {
  await execute(
    em,
    `update ats.issues set resolved_at = $3 where connection_id = $1 and code = any($2) and resolved_at is null
       and ($4::text[] is null or subject = any($4))`,
    [connectionId, [...STAGE_ISSUES], now, keys],
  );
}

function isChanged(before: readonly KnownStage[], now: readonly KnownStage[]): boolean {
  const text = ({ remoteId, name, jobRemoteId, position }: KnownStage): string =>
    JSON.stringify([remoteId, name, jobRemoteId, position]);
  const old = new Set(before.map(text));
  return before.length !== now.length || now.some((stage) => !old.has(text(stage)));
}
