import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';

/** How long nobody else sets up the same hook. */
const LEASE_SECONDS = 300;
const LONGEST_WAIT_SECONDS = 3600;

/** Noted where the authorisation does not reach to register hooks: a reconnect may change that. */
export const MISSING_SCOPES = 'missing-scopes';
/** Noted where every secret is to be exchanged. */
export const EXCHANGE = 'exchange-secrets';

/** A hook that is to be set up, with its connection. */
export interface DueHook {
  readonly id: string;
  readonly url: string;
  readonly note: string | null;
  readonly attempts: number;
  readonly connectionId: string;
  readonly workspaceId: string;
  readonly provider: string;
  readonly epoch: number;
  readonly remoteAccountId: string | null;
  readonly scopes: readonly string[];
}

/**
 * Gives active connections of these ATSs a hook. Its id is 256 random bits: whoever does not know it does not find the
 * route. `scopes`: what each ATS wants for registering hooks itself.
 */
export async function addHooks(
  em: EntityManager,
  urlOf: (provider: string, hookId: string) => string,
  scopes: Readonly<Record<string, readonly string[]>>,
  limit: number,
): Promise<void> {
  const without = await query<{ id: string; provider: string }>(
    em,
    `select c.id, c.provider from ats.connections c where c.status = 'active' and c.provider = any($1)
       and not exists (select 1 from ats.webhook_hooks h where h.connection_id = c.id) limit $2`,
    [Object.keys(scopes), limit],
  );
  for (const { id, provider } of without) {
    const hookId = randomBytes(32).toString('base64url');
    // `for share`: a disconnect that is under way is waited for, and finds the hook or keeps it from coming.
    await execute(
      em,
      `insert into ats.webhook_hooks (id, connection_id, provider, how, status, status_at, url, created_at)
       select $2, id, provider, 'manual', 'waiting', now(), $3, now() from ats.connections where id = $1 and status = 'active' for share
       on conflict (connection_id) do nothing`,
      [id, hookId, urlOf(provider, hookId)],
    );
  }
}

/**
 * Gives hooks whose address is no longer where our routes are the new one, to be set up there. `roots`: what the addresses
 * of each ATS begin with now. Returns how many there were.
 */
export async function moveHooks(em: EntityManager, roots: Readonly<Record<string, string>>): Promise<number> {
  return execute(
    em,
    `update ats.webhook_hooks h set url = ($1::jsonb ->> h.provider) || '/' || h.id, set_up_at = null, attempts = 0
     from ats.connections c where c.id = h.connection_id and c.status = 'active' and $1::jsonb ? h.provider
       and h.url <> ($1::jsonb ->> h.provider) || '/' || h.id`,
    [JSON.stringify(roots)],
  );
}

/** Takes hooks that are to be set up, and those whose connection has the scopes now. What a process that dies holds is another one's later. */
export async function takeHooks(
  em: EntityManager,
  scopes: Readonly<Record<string, readonly string[]>>,
  limit: number,
): Promise<DueHook[]> {
  return query<DueHook>(
    em,
    `update ats.webhook_hooks h set attempts = h.attempts + 1, set_up_at = null, not_before = now() + make_interval(secs => $3)
     from ats.connections c
     where c.id = h.connection_id and c.status = 'active' and h.id in (
       select due.id from ats.webhook_hooks due join ats.connections dc on dc.id = due.connection_id
       where dc.status = 'active' and due.provider = any($1) and (due.not_before is null or due.not_before <= now())
         and (due.set_up_at is null or due.note = '${MISSING_SCOPES}' and dc.scopes @> ($2::jsonb -> due.provider))
       order by due.created_at limit $4 for update of due skip locked)
     returning h.id, h.url, h.note, h.attempts, c.id as "connectionId", c.workspace_id as "workspaceId", c.provider, c.epoch,
       c.remote_account_id as "remoteAccountId", c.scopes`,
    [Object.keys(scopes), JSON.stringify(scopes), LEASE_SECONDS, limit],
  );
}

/**
 * Set up, by the ATS's API or for an admin to enter there; `note`: why by hand. Not where its address changed meanwhile:
 * then it is to be set up once more.
 */
export async function markSetUp(
  em: EntityManager,
  hook: DueHook,
  how: 'api' | 'manual',
  note: string | null,
): Promise<void> {
  await execute(
    em,
    `update ats.webhook_hooks set how = $2, note = $3, set_up_at = now(), not_before = null, attempts = 0 where id = $1 and url = $4`,
    [hook.id, how, note, hook.url],
  );
}

/** It did not work this time: again in half a minute, then twice as long each, up to an hour. */
export async function postponeSetUp(em: EntityManager, hook: DueHook): Promise<void> {
  const seconds = Math.min(30 * 2 ** Math.min(hook.attempts - 1, 10), LONGEST_WAIT_SECONDS);
  await execute(em, `update ats.webhook_hooks set not_before = now() + make_interval(secs => $2) where id = $1`, [
    hook.id,
    seconds,
  ]);
}
