import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord } from '../contract/tombstone.js';
import { execute, query } from '../database/query.js';

/** Deliveries read at once. */
const MOST_AT_ONCE = 2000;
/** Attempts to read what a delivery touched; the polls have it after that. */
const MOST_ATTEMPTS = 4;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 3600;

/** What one delivery named, as the inbox keeps it. */
export interface NamedRecords {
  readonly id: string;
  readonly attempts: number;
  readonly touched: readonly { readonly kind: RecordKind; readonly remoteId: string }[];
  readonly gone: readonly GoneRecord[];
}

const DUE = `state = 'pending' and (not_before is null or not_before <= now())`;

/** What is to be read of a connection, oldest first. Nobody claims it: one run is active on a connection, and only it reads. */
export async function readNamed(em: EntityManager, connectionId: string): Promise<NamedRecords[]> {
  return query<NamedRecords>(
    em,
    `select id::text as id, attempts, touched, gone from ats.webhook_inbox where connection_id = $1 and ${DUE} order by id limit $2`,
    [connectionId, MOST_AT_ONCE],
  );
}

export async function hasNamed(em: EntityManager, connectionId: string): Promise<boolean> {
  const rows = await query(em, `select 1 from ats.webhook_inbox where connection_id = $1 and ${DUE} limit 1`, [
    connectionId,
  ]);
  return rows.length > 0;
}

/** Connections with something to read on which nothing runs. */
export async function connectionsWithNamed(em: EntityManager, limit: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    em,
    `select c.id from ats.connections c where c.status = 'active' and not c.awaits_start
       and exists (select 1 from ats.webhook_inbox where connection_id = c.id and ${DUE})
       and not exists (select 1 from ats.sync_runs r where r.connection_id = c.id and r.status in ('queued', 'running'))
     limit $1`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/** In the transaction that holds the run. */
export async function settleNamed(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await execute(em, `update ats.webhook_inbox set state = 'done' where id = any($1::bigint[]) and state = 'pending'`, [
    ids,
  ]);
}

/**
 * Looked at again in 5 s, then 15, then 45; after that what was touched is left to the polls. What a delivery says to be gone no
 * poll may ever tell (who was merged, what of a person was anonymised): it is looked at until it is settled, at the longest
 * an hour apart. In the transaction that holds the run.
 */
export async function postponeNamed(em: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await execute(
    em,
    `update ats.webhook_inbox set attempts = attempts + 1,
       state = case when attempts + 1 >= $2 and gone = '[]' then 'given-up' else state end,
       not_before = now() + make_interval(secs => least($4::float8, $3::float8 * power(3, least(attempts, 10))))
     where id = any($1::bigint[]) and state = 'pending'`,
    [ids, MOST_ATTEMPTS, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS],
  );
}
