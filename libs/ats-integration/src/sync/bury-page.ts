import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderPage } from '../contract/page.js';
import type { GoneRecord } from '../contract/tombstone.js';
import type { BuriedRecord } from '../records/buried-record.js';
import { buryRecords } from '../records/bury-records.js';
import { eraseFiles } from '../records/erase-candidates.js';
import { rememberSeen } from '../records/seen-records.js';
import { brakeDeletions } from './deletion-brake.js';
import type { RunningSync } from './running-sync.js';
import { sweepsDeletions } from './sync-run-status.js';
import type { WrittenPage } from './write-page.js';

/** What a page says is gone, hidden or anonymised; and for a run that sweeps, what it has shown. */
export async function buryPage(
  em: EntityManager,
  sync: Pick<RunningSync, 'run' | 'rules' | 'index'>,
  page: ProviderPage,
  written: WrittenPage,
  now: Date,
): Promise<BuriedRecord[]> {
  const { run, rules } = sync;
  const connectionId = run.connection.id;
  const anonymised = written.candidates.changed.filter(({ record }) => record.anonymised);
  await eraseFiles(
    em,
    connectionId,
    anonymised.map(({ record }) => record.remoteId),
  );
  const hidden: GoneRecord[] = page.withheld.flatMap(({ kind, remoteId, reason }) =>
    reason === 'private' && remoteId !== null
      ? [{ kind, remoteId, tombstone: 'permission-lost', intoRemoteId: null, at: null }]
      : [],
  );
  if (sweepsDeletions(run.kind)) {
    // Who does not parse is there all the same, and whoever is withheld is dealt with here.
    const named = [...page.records, ...page.rejected, ...page.withheld];
    await rememberSeen(
      em,
      run.id,
      named.flatMap(({ kind, remoteId }) => (remoteId === null || !rules.swept.has(kind) ? [] : [{ kind, remoteId }])),
    );
  }
  return buryRecords(em, connectionId, await brakeDeletions(em, sync, [...(page.gone ?? []), ...hidden], now), now);
}
