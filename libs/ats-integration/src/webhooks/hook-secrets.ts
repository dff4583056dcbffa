import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { webhookSecretContext } from '../connections/sealed-contexts.js';
import { execute } from '../database/query.js';
import type { SealedBox } from '../support/sealed-box.js';

/** How long a secret that was exchanged still holds: the ATS may be told a little later, and sends again what failed. */
export const EXCHANGED_AFTER_HOURS = 24;

export interface HookRef {
  readonly id: string;
  readonly connectionId: string;
  readonly workspaceId: string;
}

export interface NewSecret {
  /** Null: of every event. */
  readonly event: string | null;
  /** The hook at the ATS that it signs for, when it was registered there. */
  readonly remoteId: string | null;
  readonly secret: string;
}

/** 32 random bytes, as text that every form takes. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Adds a secret in the place of the one before, which holds a day longer. */
export async function storeSecret(em: EntityManager, box: SealedBox, hook: HookRef, secret: NewSecret): Promise<void> {
  await retireSecrets(em, hook.id, secret.event, await addSecret(em, box, hook, secret));
}

/** Adds a secret beside those that hold. Returns its id. */
export async function addSecret(
  em: EntityManager,
  box: SealedBox,
  hook: HookRef,
  { event, remoteId, secret }: NewSecret,
): Promise<string> {
  const id = randomUUID();
  await execute(
    em,
    `insert into ats.webhook_secrets (id, hook_id, connection_id, workspace_id, event, remote_id, sealed_secret, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, now())`,
    [
      id,
      hook.id,
      hook.connectionId,
      hook.workspaceId,
      event,
      remoteId,
      box.seal(secret, webhookSecretContext({ id, workspaceId: hook.workspaceId })),
    ],
  );
  return id;
}

/** Every other secret of the event holds a day longer; what had its day goes. */
export async function retireSecrets(
  em: EntityManager,
  hookId: string,
  event: string | null,
  except: string,
): Promise<void> {
  await execute(
    em,
    `update ats.webhook_secrets set retires_at = now() + make_interval(hours => $3)
     where hook_id = $1 and event is not distinct from $2 and retires_at is null and id <> $4`,
    [hookId, event, EXCHANGED_AFTER_HOURS, except],
  );
  await execute(em, `delete from ats.webhook_secrets where hook_id = $1 and retires_at < now()`, [hookId]);
}
