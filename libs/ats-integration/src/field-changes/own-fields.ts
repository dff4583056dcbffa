import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CandidateRecord } from '../contract/records.js';
import { execute, query } from '../database/query.js';
import { markOwnWrites } from '../outbound/own-writes.js';
import type { FieldEdit } from './decide-field.js';
import { kindredKeyOf, valueOf } from './field-values.js';

/** Writes down what we are about to write, field by field, in the transaction of the attempt. */
export async function noteOwnFields(
  em: EntityManager,
  attemptId: string,
  candidate: { readonly connectionId: string; readonly remoteId: string },
  fields: readonly FieldEdit[],
  now: Date,
): Promise<void> {
  await execute(
    em,
    `insert into ats.own_writes (id, attempt_id, connection_id, kind, remote_id, field, value_hash, sent_at)
     select given.id, $1, $2, 'candidate', $3, given.field, given.hash, $4 from unnest($5::uuid[], $6::text[], $7::text[]) as given(id, field, hash)`,
    [
      attemptId,
      candidate.connectionId,
      candidate.remoteId,
      now,
      fields.map(() => randomUUID()),
      fields.map(({ field }) => field),
      fields.map(({ field, wanted }) => kindredKeyOf(field, wanted)),
    ],
  );
}

/** The ATS shows it, or it never happened: a write that did not is no echo of anything. */
export async function settleOwnFields(
  em: EntityManager,
  attemptId: string,
  applied: boolean,
  now: Date,
): Promise<void> {
  if (applied) await execute(em, `update ats.own_writes set confirmed_at = $2 where attempt_id = $1`, [attemptId, now]);
  else await execute(em, `delete from ats.own_writes where attempt_id = $1`, [attemptId]);
}

/**
 * Recognises our own writes in what a page brings of candidates that were here before. Each write is seen once; one that
 * the ATS has moved on from since is never seen. Returns the remote ids of the candidates that came back so.
 */
export async function recogniseOwnFields(
  em: EntityManager,
  connectionId: string,
  records: readonly CandidateRecord[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const open = await query<{ id: string; remote_id: string; field: string; value_hash: string; sent_at: Date }>(
    em,
    `select id, remote_id, field, value_hash, sent_at from ats.own_writes
     where connection_id = $1 and kind = 'candidate' and seen_at is null and overtaken_at is null and remote_id = any($2)`,
    [connectionId, records.map(({ remoteId }) => remoteId)],
    ['sent_at'],
  );
  if (open.length === 0) return new Set();
  const byId = new Map(records.map((record) => [record.remoteId, record]));
  const seen: typeof open = [];
  const overtaken: typeof open = [];
  for (const write of open) {
    const record = byId.get(write.remote_id);
    if (record === undefined) continue;
    if (kindredKeyOf(write.field, valueOf(record, write.field)) === write.value_hash) seen.push(write);
    else if (record.updatedAt !== null && record.updatedAt > write.sent_at) overtaken.push(write);
  }
  await markOwnWrites(em, 'seen_at', seen, now);
  await markOwnWrites(em, 'overtaken_at', overtaken, now);
  return new Set(seen.map((write) => write.remote_id));
}
