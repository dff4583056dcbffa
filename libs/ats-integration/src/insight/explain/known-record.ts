import type { EntityManager } from '@mikro-orm/postgresql';
import type { RecordKind } from '../../contract/records.js';
import type { Tombstone } from '../../contract/tombstone.js';
import { query } from '../../database/query.js';
import { RECORD_TABLES } from '../../records/record-tables.js';
import type { NamedRecord } from './explanation.js';

export interface KnownJob {
  readonly title: string;
  readonly remoteStatus: string;
  readonly open: boolean;
  readonly confidential: boolean;
}

/** What this connection knows of a record, whether it is here or not. Nothing of it: all null. */
export interface KnownRecord {
  readonly kind: RecordKind;
  readonly remoteId: string;
  readonly stored: { readonly id: string; readonly tombstone: Tombstone | null } | null;
  readonly quarantined: string | null;
  readonly skipped: { readonly reason: string; readonly job: KnownJob | null; readonly jobWithheld: boolean } | null;
  /** Applications of a candidate that are here. */
  readonly applications: readonly NamedRecord[];
  /** Of an application that is here: its candidate, when that one is not. */
  readonly missingCandidate: KnownRecord | null;
}

export async function readKnownRecord(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteId: string,
): Promise<KnownRecord> {
  const [stored] = await query<{ id: string; tombstone: Tombstone | null }>(
    em,
    `select id, tombstone from ${RECORD_TABLES[kind].table} where connection_id = $1 and remote_id = $2`,
    [connectionId, remoteId],
  );
  const [quarantined] = await query<{ reason: string }>(
    em,
    `select reason from ats.quarantined_records where connection_id = $1 and kind = $2 and row_key = $3`,
    [connectionId, kind, remoteId],
  );
  const living = stored?.tombstone === null;
  return {
    kind,
    remoteId,
    stored: stored ?? null,
    quarantined: quarantined?.reason ?? null,
    skipped: await readSkipped(em, connectionId, kind, remoteId),
    applications: kind === 'candidate' ? await applicationsOf(em, connectionId, remoteId) : [],
    missingCandidate: kind === 'application' && living ? await missingCandidate(em, connectionId, remoteId) : null,
  };
}

async function readSkipped(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteId: string,
): Promise<KnownRecord['skipped']> {
  const [row] = await query<{
    reason: string;
    job: KnownJob | null;
    withheld: boolean;
  }>(
    em,
    `select s.reason,
       case when j.id is not null then json_build_object('title', j.title, 'remoteStatus', j.remote_status, 'open', j.open,
         'confidential', j.confidential) end as job,
       exists (select 1 from ats.skipped_records w where w.connection_id = s.connection_id and w.kind = 'job'
         and w.remote_id = s.job_remote_id and w.reason = 'private') as withheld
     from ats.skipped_records s
     left join ats.jobs j on j.connection_id = s.connection_id and j.remote_id = s.job_remote_id and j.tombstone is null
     where s.connection_id = $1 and s.kind = $2 and s.remote_id = $3`,
    [connectionId, kind, remoteId],
  );
  return row === undefined ? null : { reason: row.reason, job: row.job, jobWithheld: row.withheld };
}

async function applicationsOf(em: EntityManager, connectionId: string, candidate: string): Promise<NamedRecord[]> {
  return query<NamedRecord>(
    em,
    `select 'application' as kind, remote_id as "remoteId", id from ats.applications
     where connection_id = $1 and candidate_remote_id = $2 and tombstone is null order by remote_id`,
    [connectionId, candidate],
  );
}

async function missingCandidate(
  em: EntityManager,
  connectionId: string,
  application: string,
): Promise<KnownRecord | null> {
  const [row] = await query<{ id: string }>(
    em,
    `select a.candidate_remote_id as id from ats.applications a where a.connection_id = $1 and a.remote_id = $2
       and not exists (select 1 from ats.candidates c where c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id
         and c.tombstone is null)`,
    [connectionId, application],
  );
  return row === undefined ? null : readKnownRecord(em, connectionId, 'candidate', row.id);
}

const LONGEST_CHAIN = 20;

/** Who a merged record lives on as, however often it was merged since. */
export async function survivorOf(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteId: string,
): Promise<{ remoteId: string; id: string | null } | null> {
  const [row] = await query<{ remoteId: string; id: string | null }>(
    em,
    `with recursive chain as (
       select merged_into as remote_id, 1 as nth from ${RECORD_TABLES[kind].table} where connection_id = $1 and remote_id = $2 and tombstone = 'merged'
       union all
       select t.merged_into, chain.nth + 1 from chain join ${RECORD_TABLES[kind].table} t on t.connection_id = $1
         and t.remote_id = chain.remote_id and t.tombstone = 'merged' and t.merged_into is not null where chain.nth < $3)
     select chain.remote_id as "remoteId", t.id from chain left join ${RECORD_TABLES[kind].table} t on t.connection_id = $1
       and t.remote_id = chain.remote_id and t.tombstone is null
     where chain.remote_id is not null order by chain.nth desc limit 1`,
    [connectionId, remoteId, LONGEST_CHAIN],
  );
  return row ?? null;
}

/**
 * Candidates with this e-mail address, the living first. Both sides are lower-cased by the database, so that they agree
 * on what that is; whoever was erased has none. Reads the connection's candidates: for a person who asks, never in a sync.
 */
export async function candidatesByEmail(
  em: EntityManager,
  connectionId: string,
  email: string,
): Promise<NamedRecord[]> {
  return query<NamedRecord>(
    em,
    `select 'candidate' as kind, remote_id as "remoteId", id from ats.candidates c
     where connection_id = $1 and strpos(lower(emails::text), lower($3)) > 0
       and exists (select 1 from json_array_elements(emails) e where lower(btrim(e ->> 'value')) = lower($2))
     order by tombstone is not null, created_at, remote_id limit 20`,
    // As it stands in the JSON: what does not even hold these letters need not be parsed.
    [connectionId, email, JSON.stringify(email).slice(1, -1)],
  );
}
