import type { EntityManager } from '@mikro-orm/postgresql';
import { keepOpenEdits } from '../field-changes/open-fields.js';
import { batchOf } from '../host/batch-of.js';
import type { ApplicationChange, GoneChange, PipelineBatch } from '../host/hiring-pipeline.port.js';
import type { BuriedRecord } from '../records/buried-record.js';
import { readApplicationsOf } from '../records/read-applications.js';
import { readKnown } from '../records/upsert-records.js';
import type { Placement } from '../host/hiring-pipeline.port.js';
import { placeApplication } from '../mapping/place-application.js';
import { keepOpenMoves } from '../outbound/open-changes.js';
import type { ClaimedRun } from './claimed-run.js';
import { joinedLate } from './merge-survivors.js';
import type { RunIndex } from './run-index.js';
import type { SyncRules } from './sync-rules.js';
import type { WrittenPage } from './write-page.js';

/**
 * What the host is told of a page. An application is given only together with or after its candidate: one that came
 * first waits in our table and goes along when its candidate is created; so do those of one who comes back.
 */
export async function pipelineBatchOf(
  em: EntityManager,
  run: ClaimedRun,
  page: WrittenPage,
  buried: readonly BuriedRecord[],
  { rules, index }: { readonly rules: SyncRules; readonly index: RunIndex },
): Promise<PipelineBatch | null> {
  const applications = await applicationChanges(em, run.connection.id, page, index);
  const batch = batchOf(run.connection, rules.provider, {
    jobs: page.jobs.changed,
    candidates: await keepOpenEdits(em, page.candidates.changed),
    applications,
    gone: goneChanges([...buried, ...(await joinedLate(em, run, index, page.candidates))]),
  });
  const empty = batch.jobs.length + batch.candidates.length + batch.applications.length + batch.gone.length === 0;
  return empty ? null : batch;
}

/** Of what the host was given; it has no users, no stages and no history of the ATS. */
export function goneChanges(buried: readonly BuriedRecord[]): GoneChange[] {
  return buried.flatMap(({ kind, ...record }) =>
    kind === 'user' || kind === 'stage' || kind === 'stage-stay' ? [] : [{ kind, ...record }],
  );
}

async function applicationChanges(
  em: EntityManager,
  connectionId: string,
  page: WrittenPage,
  index: RunIndex,
): Promise<ApplicationChange[]> {
  const candidates = new Map(page.candidates.ids);
  const elsewhere = page.applications.changed
    .map(({ record }) => record.candidateRemoteId)
    .filter((id) => !candidates.has(id));
  for (const [remoteId, row] of await readKnown(em, 'candidate', connectionId, [...new Set(elsewhere)])) {
    candidates.set(remoteId, row.id);
  }
  const jobId = (remoteId: string | null): string | null =>
    remoteId === null ? null : (page.jobs.ids.get(remoteId) ?? index.job(remoteId)?.id ?? null);
  const changes = new Map<string, ApplicationChange>();
  for (const { id, created, record } of page.applications.changed) {
    const candidateId = candidates.get(record.candidateRemoteId);
    if (candidateId === undefined) continue;
    const placement = placeApplication(record, index.placement);
    changes.set(id, {
      id,
      created,
      record,
      candidateId,
      jobId: jobId(record.jobRemoteId),
      placement,
      correction: null,
    });
  }
  const newcomers = page.candidates.changed.filter(({ created }) => created).map(({ record }) => record.remoteId);
  const waitingFor = [...(index.applications ? newcomers : []), ...page.revived.candidates];
  const back = new Set(page.revived.candidates);
  for (const waiting of await readApplicationsOf(em, connectionId, waitingFor)) {
    const candidateId = candidates.get(waiting.record.candidateRemoteId);
    if (candidateId === undefined || changes.has(waiting.id)) continue;
    const placement: Placement | null =
      waiting.hostStageId === null
        ? null
        : { stageId: waiting.hostStageId, how: (waiting.placedHow ?? 'nearest') as Placement['how'] };
    changes.set(waiting.id, {
      id: waiting.id,
      created: !back.has(waiting.record.candidateRemoteId),
      record: waiting.record,
      candidateId,
      jobId: jobId(waiting.record.jobRemoteId),
      placement,
      correction: null,
    });
  }
  return keepOpenMoves(em, [...changes.values()]);
}
