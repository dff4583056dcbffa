import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { RejectedRecord } from '../contract/page.js';
import type { RecordKind } from '../contract/records.js';
import { execute } from '../database/query.js';

/** A record that the connection is not to have, remembered so that "why is it not here?" has an answer. */
export interface SkippedRecord {
  readonly kind: RecordKind;
  readonly remoteId: string;
  readonly reason: string;
  readonly jobRemoteId: string | null;
}

export async function recordSkipped(
  em: EntityManager,
  connectionId: string,
  skipped: readonly SkippedRecord[],
): Promise<void> {
  if (skipped.length === 0) return;
  const unique = [...new Map(skipped.map((record) => [`${record.kind}:${record.remoteId}`, record])).values()];
  await execute(
    em,
    `insert into ats.skipped_records as t (connection_id, kind, remote_id, reason, job_remote_id)
     select $1::uuid, r.kind, r.remote_id, r.reason, r.job_remote_id
     from jsonb_to_recordset($2::jsonb) as r(kind text, remote_id text, reason text, job_remote_id text) order by r.kind, r.remote_id
     on conflict (connection_id, kind, remote_id) do update set reason = excluded.reason, job_remote_id = excluded.job_remote_id, seen_at = now()
     where (t.reason, t.job_remote_id) is distinct from (excluded.reason, excluded.job_remote_id)`,
    [
      connectionId,
      JSON.stringify(
        unique.map(({ kind, remoteId, reason, jobRemoteId }) => ({
          kind,
          remote_id: remoteId,
          reason,
          job_remote_id: jobRemoteId,
        })),
      ),
    ],
  );
}

/** They are here now: they are skipped no longer. */
export async function forgetSkipped(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
): Promise<void> {
  if (remoteIds.length === 0) return;
  await execute(em, `delete from ats.skipped_records where connection_id = $1 and kind = $2 and remote_id = any($3)`, [
    connectionId,
    kind,
    remoteIds,
  ]);
}

/** Rows that did not parse: kept with the reason, seen again at every run until they do. */
export async function quarantine(
  em: EntityManager,
  connectionId: string,
  runId: string,
  rejected: readonly RejectedRecord[],
): Promise<void> {
  if (rejected.length === 0) return;
  const rows = new Map(
    rejected.map(({ kind, remoteId, reason }) => {
      // A row that does not say who it is can only be told apart by what is wrong with it.
      const key = remoteId ?? `unnamed-${createHash('sha1').update(reason).digest('hex').slice(0, 16)}`;
      return [`${kind}:${key}`, { kind, row_key: key, remote_id: remoteId, reason }];
    }),
  );
  await execute(
    em,
    `insert into ats.quarantined_records as t (connection_id, kind, row_key, remote_id, reason, run_id)
     select $1::uuid, r.kind, r.row_key, r.remote_id, r.reason, $2::uuid
     from jsonb_to_recordset($3::jsonb) as r(kind text, row_key text, remote_id text, reason text) order by r.kind, r.row_key
     on conflict (connection_id, kind, row_key) do update set reason = excluded.reason, run_id = excluded.run_id, last_seen_at = now()`,
    [connectionId, runId, JSON.stringify([...rows.values()])],
  );
}

/** They parse now. */
export async function releaseFromQuarantine(
  em: EntityManager,
  connectionId: string,
  kind: RecordKind,
  remoteIds: readonly string[],
): Promise<void> {
  if (remoteIds.length === 0) return;
  await execute(
    em,
    `delete from ats.quarantined_records where connection_id = $1 and kind = $2 and row_key = any($3)`,
    [connectionId, kind, remoteIds],
  );
}
