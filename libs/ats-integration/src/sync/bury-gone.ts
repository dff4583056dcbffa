import type { EntityManager } from '@mikro-orm/postgresql';
import type { IssueOrigin } from '../connections/issues.js';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import type { DomainEventBody } from '../events/domain-event.js';
import { writeEvents } from '../events/outbox.js';
import { batchOf } from '../host/batch-of.js';
import type { HiringPipeline } from '../host/hiring-pipeline.port.js';
import type { BuriedRecord } from '../records/buried-record.js';
import { buryRecords } from '../records/bury-records.js';
import { goneChanges } from './pipeline-batch.js';
import type { SyncRules } from './sync-rules.js';

/** Whose records they are. */
export interface BuriedOf {
  readonly run: { readonly connection: IssueOrigin };
  readonly rules: Pick<SyncRules, 'provider'>;
}

/** Marks records that a run found gone, and tells the host and the events of it; in the transaction that holds the run. */
export async function buryGone(
  em: EntityManager,
  pipeline: HiringPipeline,
  sync: BuriedOf,
  gone: readonly GoneRecord[],
  now: Date,
): Promise<void> {
  await tellGone(em, pipeline, sync, await buryRecords(em, sync.run.connection.id, gone, now), now);
}

export async function tellGone(
  em: EntityManager,
  pipeline: HiringPipeline,
  { run, rules }: BuriedOf,
  buried: readonly BuriedRecord[],
  now: Date,
): Promise<void> {
  const connectionId = run.connection.id;
  const changes = goneChanges(buried);
  if (changes.length > 0) await pipeline.apply(batchOf(run.connection, rules.provider, { gone: changes }), em);
  await writeEvents(em, { ...run.connection, connectionId }, now, goneEvents(buried));
}

/** One event a kind and reason. */
export function goneEvents(buried: readonly BuriedRecord[]): DomainEventBody[] {
  const groups = new Map<string, { kind: RecordKind; tombstone: Tombstone; ids: string[] }>();
  for (const { kind, tombstone, id } of buried) {
    const key = `${kind} ${tombstone}`;
    const group = groups.get(key) ?? { kind, tombstone, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({ type: 'records.gone', ...group }));
}
