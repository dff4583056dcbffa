import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import { ChangeLost } from './change-lost.js';

/** What goes out to an ATS: moves, and edits of fields; both tables keep leases, fences and waits under the same names. */
type OutboundTable = 'ats.stage_changes' | 'ats.field_changes';

export interface Leased {
  readonly id: string;
  readonly fence: number;
}

export interface Letting {
  readonly failed: boolean;
  /** What a person sees meanwhile. */
  readonly why: { readonly code: string; readonly sentence: string } | null;
}

/**
 * Makes sure, in the caller's transaction, that what was claimed is still ours and its connection the one it began with.
 * The row stays locked: nobody takes it back or over in between.
 * @throws ChangeLost
 */
export async function holdLease(
  em: EntityManager,
  table: OutboundTable,
  { id, fence }: Leased,
  leaseMs: number,
): Promise<void> {
  const held = await execute(
    em,
    `update ${table} s set lease_until = now() + make_interval(secs => $3) from ats.connections c
     where s.id = $1 and s.fence = $2 and s.status = 'sending' and c.id = s.connection_id and c.epoch = s.epoch and c.status = 'active'`,
    [id, fence, leaseMs / 1000],
  );
  if (held === 0) throw new ChangeLost();
}

/** Lets go: somebody looks again after this long. */
export async function releaseLease(
  em: EntityManager,
  table: OutboundTable,
  { id, fence }: Leased,
  afterMs: number,
  { failed, why }: Letting,
): Promise<void> {
  await execute(
    em,
    `update ${table} set lease_until = null, not_before = now() + make_interval(secs => $3),
       failures = case when $4 then failures + 1 else 0 end, reason_code = $5, reason = $6
     where id = $1 and fence = $2 and status = 'sending'`,
    [id, fence, afterMs / 1000, failed, why?.code ?? null, why?.sentence ?? null],
  );
}

/** Records with something that is due now, or whose worker's lease ends before the next look, the longest waiting first. */
export async function dueRecords(
  em: EntityManager,
  table: OutboundTable,
  recordColumn: 'application_id' | 'candidate_id',
  { limit, withinMs }: { readonly limit: number; readonly withinMs: number },
): Promise<readonly { readonly id: string; readonly delayMs: number | null }[]> {
  return query(
    em,
    `select s.${recordColumn} as id, greatest(0, ceil(extract(epoch from min(s.lease_until) - now()) * 1000))::int as "delayMs"
     from ${table} s join ats.connections c on c.id = s.connection_id and c.epoch = s.epoch
     where s.status in ('pending', 'sending') and c.status = 'active'
       and (s.lease_until is null or s.lease_until < now() + make_interval(secs => $2))
       and (s.not_before is null or s.not_before <= now())
     group by s.${recordColumn} order by min(s.nth) limit $1`,
    [limit, withinMs / 1000],
  );
}
