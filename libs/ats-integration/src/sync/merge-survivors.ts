import type { EntityManager } from '@mikro-orm/postgresql';
import type { BuriedRecord } from '../records/buried-record.js';
import { readAwaited, readMergedInto } from '../records/merged-candidates.js';
import type { UpsertResult } from '../records/upsert-records.js';
import type { ClaimedRun } from './claimed-run.js';
import type { RunIndex } from './run-index.js';

/** Of these candidates those as whom somebody lives on who is or was here: they are let in, whatever they applied to. */
export async function awaitedOf(
  em: EntityManager,
  run: ClaimedRun,
  index: RunIndex,
  remoteIds: readonly string[],
): Promise<readonly string[]> {
  const connectionId = run.connection.id;
  const named = remoteIds.flatMap((id) => {
    const merged = index.survivors.get(id);
    return merged === undefined ? [] : [[id, merged] as const];
  });
  const awaited = await readAwaited(em, connectionId, new Map(named));
  if (!mayHaveMerged(run, index)) return awaited;
  const marked = await readMergedInto(em, connectionId, remoteIds);
  return [...awaited, ...marked.map(({ into }) => into)];
}

/** Who was merged into candidates whom only this page brought: the host could not be told then as whom they live on. */
export async function joinedLate(
  em: EntityManager,
  run: ClaimedRun,
  index: RunIndex,
  candidates: UpsertResult<'candidate'>,
): Promise<BuriedRecord[]> {
  if (!mayHaveMerged(run, index)) return [];
  const created = candidates.changed.filter((change) => change.created).map(({ record }) => record.remoteId);
  const merged = await readMergedInto(em, run.connection.id, created);
  return merged.map(({ id, into }) => ({
    kind: 'candidate',
    id,
    tombstone: 'merged',
    intoId: candidates.ids.get(into) ?? null,
  }));
}

function mayHaveMerged(run: ClaimedRun, index: RunIndex): boolean {
  return run.kind !== 'initial' || index.merges;
}
