import type { EntityManager } from '@mikro-orm/postgresql';
import { holdConnection } from '../connections/hold-connection.js';
import type { ProviderContext } from '../contract/context.js';
import type { HookRegistration, WebhookCapability } from '../contract/webhooks.js';
import { execute, query } from '../database/query.js';
import type { SealedBox } from '../support/sealed-box.js';
import { newSecret, storeSecret } from './hook-secrets.js';
import type { DueHook } from './hooks.js';

export interface HooksToRegister {
  readonly hook: DueHook;
  readonly webhooks: WebhookCapability<unknown>;
  readonly registration: HookRegistration<unknown>;
  readonly context: ProviderContext<unknown>;
  /** Register all of them anew, for fresh secrets. */
  readonly anew: boolean;
}

/**
 * Registers a hook for each event that has none. What the ATS lists is compared with what we keep: a hook whose secret was
 * shown and lost (we crashed in between) can never be verified, so it is replaced.
 * @throws ProviderFault, AtsError `not-connected`; what was registered before is kept and found the next time.
 */
export async function registerHooks(em: EntityManager, box: SealedBox, spec: HooksToRegister): Promise<void> {
  const { hook, webhooks, registration, context, anew } = spec;
  const listed = await registration.list(context, hook.url);
  const kept = await keptOf(em.fork(), hook.id);
  const holds = (event: string): boolean =>
    !anew && listed.some((one) => one.event === event && one.remoteId === kept.get(event));
  const replaced = listed.filter((one) => !holds(one.event) || one.remoteId !== kept.get(one.event));
  for (const event of webhooks.events) if (!holds(event)) await registerOne(em, box, spec, event);
  for (const { remoteId } of replaced) await registration.remove(context, remoteId);
}

async function registerOne(
  em: EntityManager,
  box: SealedBox,
  { hook, webhooks, registration, context }: HooksToRegister,
  event: string,
): Promise<void> {
  const secret = newSecret();
  const store = (remoteId: string | null, given: string): Promise<void> =>
    em.fork().transactional(async (tx) => {
      await holdConnection(tx, { id: hook.connectionId, epoch: hook.epoch });
      await storeSecret(tx, box, hook, { event, remoteId, secret: given });
    });
  // An ATS that takes our secret may try it at once: it has to hold before.
  const ahead = webhooks.secretsAre === 'ours';
  if (ahead) await store(null, secret);
  const registered = await registration.register(context, { url: hook.url, event, secret });
  try {
    if (ahead && registered.secret === secret) await nameSecret(em.fork(), hook.id, event, registered.remoteId);
    else await store(registered.remoteId, registered.secret);
  } catch (error) {
    // Disconnected meanwhile: nobody else knows of this one.
    await registration.remove(context, registered.remoteId).catch(() => undefined);
    throw error;
  }
}

async function keptOf(em: EntityManager, hookId: string): Promise<Map<string, string>> {
  const rows = await query<{ event: string; remote_id: string }>(
    em,
    `select event, remote_id from ats.webhook_secrets
     where hook_id = $1 and event is not null and remote_id is not null and retires_at is null`,
    [hookId],
  );
  return new Map(rows.map(({ event, remote_id: remoteId }) => [event, remoteId]));
}

async function nameSecret(em: EntityManager, hookId: string, event: string, remoteId: string): Promise<void> {
  const named = await execute(
    em,
    `update ats.webhook_secrets set remote_id = $3 where hook_id = $1 and event = $2 and retires_at is null`,
    [hookId, event, remoteId],
  );
  if (named === 0) throw new Error('The hook has gone while it was registered.');
}
