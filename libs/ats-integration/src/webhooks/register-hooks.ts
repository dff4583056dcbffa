import type { EntityManager } from '@mikro-orm/postgresql';
import { holdConnection } from '../connections/hold-connection.js';
import type { ProviderContext } from '../contract/context.js';
import type { HookRegistration, WebhookCapability } from '../contract/webhooks.js';
import { execute, query } from '../database/query.js';
import type { SealedBox } from '../support/sealed-box.js';
import { EXCHANGED_AFTER_HOURS, addSecret, newSecret, retireSecrets } from './hook-secrets.js';
import type { DueHook } from './hooks.js';

export interface HooksToRegister {
  readonly hook: DueHook;
  readonly webhooks: WebhookCapability<unknown>;
  readonly registration: HookRegistration<unknown>;
  readonly context: ProviderContext<unknown>;
  /** Register all of them anew, for fresh secrets. */
  readonly anew: boolean;
}

/** A secret of a hook that we know at the ATS. */
interface KnownHook {
  readonly id: string;
  readonly event: string;
  readonly remoteId: string;
}

/**
 * Registers a hook for each event that has none. What the ATS lists is compared with what we keep: a hook whose secret was
 * shown and lost (we crashed in between) can never be verified, so it is replaced; so is one that we know and the ATS does
 * not list, because it stands at an address that we had before. Only when the new ones stand do the old ones go, and only
 * then do their secrets retire: an ATS that refuses leaves us with what we had.
 * @throws ProviderFault, AtsError `not-connected`; what was registered before is kept and found the next time.
 */
export async function registerHooks(em: EntityManager, box: SealedBox, spec: HooksToRegister): Promise<void> {
  const { hook, webhooks, registration, context, anew } = spec;
  const listed = await registration.list(context, hook.url);
  const known = await knownHooks(em.fork(), hook.id);
  const newest = new Map(known.map((one) => [one.event, one]));
  const held = listed.filter((one) => !anew && newest.get(one.event)?.remoteId === one.remoteId);
  const current = new Map(held.map(({ event }) => [event, newest.get(event)?.id ?? '']));
  for (const event of webhooks.events)
    if (!current.has(event)) current.set(event, await registerOne(em, box, spec, event));
  const replaced = new Set([...listed, ...known].map(({ remoteId }) => remoteId));
  for (const { remoteId } of held) replaced.delete(remoteId);
  for (const remoteId of replaced) await registration.remove(context, remoteId);
  for (const [event, id] of current) await retireSecrets(em.fork(), hook.id, event, id);
}

/** Returns the id of its secret. */
async function registerOne(
  em: EntityManager,
  box: SealedBox,
  { hook, webhooks, registration, context }: HooksToRegister,
  event: string,
): Promise<string> {
  const secret = newSecret();
  const add = (remoteId: string | null, given: string): Promise<string> =>
    em.fork().transactional(async (tx) => {
      await holdConnection(tx, { id: hook.connectionId, epoch: hook.epoch });
      return addSecret(tx, box, hook, { event, remoteId, secret: given });
    });
  // An ATS that takes our secret may try it at once: it has to hold before.
  const ahead = webhooks.secretsAre === 'ours' ? await add(null, secret) : null;
  if (ahead !== null) await retireUnheard(em.fork(), hook.id, event, ahead);
  const registered = await registration.register(context, { url: hook.url, event, secret });
  try {
    if (ahead === null || registered.secret !== secret) return await add(registered.remoteId, registered.secret);
    await nameSecret(em.fork(), ahead, registered.remoteId);
    return ahead;
  } catch (error) {
    // Disconnected meanwhile: nobody else knows of this one.
    await registration.remove(context, registered.remoteId).catch(() => undefined);
    throw error;
  }
}

/** Oldest first: of two of an event the last one was registered in the place of the first. */
async function knownHooks(em: EntityManager, hookId: string): Promise<KnownHook[]> {
  return query<KnownHook>(
    em,
    `select id, event, remote_id as "remoteId" from ats.webhook_secrets
     where hook_id = $1 and event is not null and remote_id is not null and retires_at is null order by created_at`,
    [hookId],
  );
}

/** Secrets of tries of which the ATS never said that it took them: they would become more with every try. */
async function retireUnheard(em: EntityManager, hookId: string, event: string, except: string): Promise<void> {
  await execute(
    em,
    `update ats.webhook_secrets set retires_at = now() + make_interval(hours => $4)
     where hook_id = $1 and event = $2 and remote_id is null and retires_at is null and id <> $3`,
    [hookId, event, except, EXCHANGED_AFTER_HOURS],
  );
}

async function nameSecret(em: EntityManager, id: string, remoteId: string): Promise<void> {
  const named = await execute(em, `update ats.webhook_secrets set remote_id = $2 where id = $1`, [id, remoteId]);
  if (named === 0) throw new Error('The hook has gone while it was registered.');
}
