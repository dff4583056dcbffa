import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApplicationRecord } from '../contract/records.js';
import type { Move } from '../contract/stage-change.js';
import { execute, query } from '../database/query.js';

interface WrittenField {
  readonly field: 'stage' | 'status';
  readonly hash: string;
}

/** What a move will make the ATS show of the application. */
function fieldOf(move: Move): WrittenField {
  switch (move.kind) {
    case 'stage':
      return { field: 'stage', hash: hashOf(move.stageRemoteId) };
    case 'reject':
      return { field: 'status', hash: hashOf('rejected') };
    case 'hire':
      return { field: 'status', hash: hashOf('hired') };
    case 'unreject':
      return { field: 'status', hash: hashOf('active') };
    default:
      return move satisfies never;
  }
}

/** Writes down what we are about to write, in the transaction of the attempt; the two share their id. */
export async function noteOwnWrite(
  em: EntityManager,
  write: {
    readonly id: string;
    readonly connectionId: string;
    readonly remoteId: string;
    readonly move: Move;
    readonly now: Date;
  },
): Promise<void> {
  const { field, hash } = fieldOf(write.move);
  await execute(
    em,
    `insert into ats.own_writes (id, connection_id, kind, remote_id, field, value_hash, sent_at)
     values ($1, $2, 'application', $3, $4, $5, $6)`,
    [write.id, write.connectionId, write.remoteId, field, hash, write.now],
  );
}

/** The ATS shows it, or it never happened: a write that did not is no echo of anything. */
export async function settleOwnWrite(em: EntityManager, id: string, applied: boolean, now: Date): Promise<void> {
  if (applied) await execute(em, `update ats.own_writes set confirmed_at = $2 where id = $1`, [id, now]);
  else await execute(em, `delete from ats.own_writes where id = $1`, [id]);
}

/**
 * Recognises our own writes in what a page brings of applications that were here before. Each write is seen once; one
 * that the ATS has moved on from since is never seen. Returns the remote ids of the applications that came back so.
 */
export async function recogniseOwnWrites(
  em: EntityManager,
  connectionId: string,
  records: readonly ApplicationRecord[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const open = await query<{ id: string; remote_id: string; field: string; value_hash: string; sent_at: Date }>(
    em,
    `select id, remote_id, field, value_hash, sent_at from ats.own_writes
     where connection_id = $1 and kind = 'application' and seen_at is null and overtaken_at is null and remote_id = any($2)`,
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
    const value = write.field === 'stage' ? stageShown(record) : record.status;
    if (value !== null && hashOf(value) === write.value_hash) seen.push(write);
    else if (record.updatedAt !== null && record.updatedAt > write.sent_at) overtaken.push(write);
  }
  await markOwnWrites(em, 'seen_at', seen, now);
  await markOwnWrites(em, 'overtaken_at', overtaken, now);
  return new Set(seen.map((write) => write.remote_id));
}

function stageShown(record: ApplicationRecord): string | null {
  return record.status === 'active' ? record.stageRemoteId : null;
}

export async function markOwnWrites(
  em: EntityManager,
  column: 'seen_at' | 'overtaken_at',
  writes: readonly { readonly id: string }[],
  now: Date,
): Promise<void> {
  if (writes.length === 0) return;
  await execute(em, `update ats.own_writes set ${column} = $2 where id = any($1::uuid[])`, [
    writes.map(({ id }) => id),
    now,
  ]);
}

/** The ledger compares; it need not know. */
function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
