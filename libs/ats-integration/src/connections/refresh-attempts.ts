import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import { EXPIRY_ISSUE } from './expiry-warnings.js';

/** Longer than the token endpoint's deadline: while a holder may still be asking, nobody else does. */
const LEASE_SECONDS = 45;
const FIRST_REST_SECONDS = 5;
const LONGEST_REST_SECONDS = 15 * 60;
/** The deployment's client was refused: for the operator, who alone can mend it. */
export const CLIENT_ISSUE = 'sign-in-client-refused';

/** The right to ask for new tokens, for one version of the credentials. Everything after it is conditional on `fence`. */
export interface RefreshAttempt {
  readonly connectionId: string;
  readonly version: number;
  readonly epoch: number;
  readonly fence: number;
  /** An earlier attempt never learned its answer: the tokens that are stored may be burnt. */
  readonly afterCutOff: boolean;
}

export interface RenewedGrant {
  readonly sealed: string;
  readonly livesMs: number;
  /** Until the refresh token dies of disuse; null when there is none. */
  readonly idleSeconds: number | null;
}

/**
 * Null while somebody else asks, or may not be asked yet. The attempt is in the row before the request goes out: one
 * that is found there later belongs to a process that died between the answer and the store, or never got an answer.
 */
export async function beginRefresh(
  em: EntityManager,
  connection: { readonly id: string; readonly version: number; readonly epoch: number },
): Promise<RefreshAttempt | null> {
  const [row] = await query<{ refresh_fence: number; cut_off: boolean }>(
    em,
    `update ats.connections c
     set refresh_fence = c.refresh_fence + 1, refresh_lease_until = now() + make_interval(secs => $4), refresh_attempt_at = now()
     from (select id, refresh_attempt_at is not null as cut_off from ats.connections where id = $1 for update) before
     where c.id = before.id and c.credentials_version = $2 and c.epoch = $3
       and (c.status = 'active' or c.status = 'suspended' and c.grant_dead_at is null)
       and (c.refresh_lease_until is null or c.refresh_lease_until < now())
       and (c.refresh_not_before is null or c.refresh_not_before <= now())
     returning c.refresh_fence, before.cut_off`,
    [connection.id, connection.version, connection.epoch, LEASE_SECONDS],
  );
  if (row === undefined) return null;
  return {
    connectionId: connection.id,
    version: connection.version,
    epoch: connection.epoch,
    fence: row.refresh_fence,
    afterCutOff: row.cut_off,
  };
}

/** One statement, so that nothing can come between. False when the attempt was overtaken: nothing was written then. */
export async function storeRefresh(em: EntityManager, attempt: RefreshAttempt, grant: RenewedGrant): Promise<boolean> {
  const stored = await query(
    em,
    `with stored as (
       update ats.connections set sealed_credentials = $5, credentials_version = credentials_version + 1,
         access_expires_at = now() + make_interval(secs => $6), refresh_expires_at = now() + make_interval(secs => $7),
         refreshed_at = now(), refresh_lease_until = null, refresh_attempt_at = null, refresh_failures = 0,
         refresh_not_before = null, expiry_warned_at = null,
         grant_dead_at = case when status = 'reconnect_required' then grant_dead_at end
       where id = $1 and credentials_version = $2 and epoch = $3 and refresh_fence = $4
         and status in ('active', 'suspended', 'reconnect_required')
       returning id),
     settled as (
       update ats.issues set resolved_at = now() from stored
       where connection_id = stored.id and code = any($8::text[]) and resolved_at is null)
     select id from stored`,
    [...ofAttempt(attempt), grant.sealed, grant.livesMs / 1000, grant.idleSeconds, [EXPIRY_ISSUE, CLIENT_ISSUE]],
  );
  return stored.length > 0;
}

/**
 * The attempt brought nothing: nobody asks for 5 s, then 15 s, 45 s, … up to 15 minutes. Returns that wait in ms, or
 * null when the attempt was overtaken. `unknown`: the ATS may have renewed all the same, so the attempt stays on record;
 * so does one before it whose answer was never learnt, whatever this one brought.
 */
export async function failRefresh(
  em: EntityManager,
  attempt: RefreshAttempt,
  failure: { readonly unknown: boolean; readonly retryAfterMs: number },
): Promise<number | null> {
  const [row] = await query<{ rests_ms: number }>(
    em,
    `update ats.connections set refresh_lease_until = null, refresh_failures = refresh_failures + 1,
       refresh_attempt_at = case when $5 then refresh_attempt_at end,
       refresh_not_before = now() + make_interval(secs =>
         greatest($6::float8, least($7::float8 * power(3, least(refresh_failures, 10)), $8::float8) * (0.8 + 0.2 * random())))
     where id = $1 and credentials_version = $2 and epoch = $3 and refresh_fence = $4
     returning (extract(epoch from refresh_not_before - now()) * 1000)::float8 as rests_ms`,
    [
      ...ofAttempt(attempt),
      failure.unknown || attempt.afterCutOff,
      failure.retryAfterMs / 1000,
      FIRST_REST_SECONDS,
      LONGEST_REST_SECONDS,
    ],
  );
  return row?.rests_ms ?? null;
}

/** Who was overtaken lets go, so that the next one does not wait for a lease that nobody uses. */
export async function letGo(em: EntityManager, attempt: RefreshAttempt): Promise<void> {
  await execute(
    em,
    `update ats.connections set refresh_lease_until = null, refresh_attempt_at = null where id = $1 and refresh_fence = $2`,
    [attempt.connectionId, attempt.fence],
  );
}

function ofAttempt({ connectionId, version, epoch, fence }: RefreshAttempt): unknown[] {
  return [connectionId, version, epoch, fence];
}
