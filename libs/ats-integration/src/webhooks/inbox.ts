import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { WebhookNews } from '../contract/webhooks.js';
import { execute, query } from '../database/query.js';

/** Of a hook, so that a busy one does not write its own row at every delivery. */
const TOLD_EVERY_SECONDS = 5;
const LONGEST_EVENT = 100;

/** A hook as a delivery finds it. */
export interface FoundHook {
  readonly id: string;
  readonly connectionId: string;
  readonly workspaceId: string;
  /** By the database's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly secrets: readonly { readonly id: string; readonly sealed: string }[];
}

/** Null: there is no such hook, or its connection has ended. */
export async function findHook(em: EntityManager, provider: string, hookId: string): Promise<FoundHook | null> {
  const [hook] = await query<FoundHook>(
    em,
    `select h.id, h.connection_id as "connectionId", c.workspace_id as "workspaceId",
       (extract(epoch from now()) * 1000)::float8 as now,
       coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'sealed', s.sealed_secret)) from ats.webhook_secrets s
         where s.hook_id = h.id and (s.retires_at is null or s.retires_at > now())), '[]') as secrets
     from ats.webhook_hooks h join ats.connections c on c.id = h.connection_id
     where h.id = $1 and h.provider = $2 and c.status <> 'disconnected'`,
    [hookId, provider],
  );
  return hook ?? null;
}

/** A genuine test delivery. */
export async function noteTest(em: EntityManager, hookId: string): Promise<void> {
  await execute(em, `update ats.webhook_hooks set last_delivery_at = now(), failures = 0 where id = $1`, [hookId]);
}

/**
 * A genuine delivery, in one statement. False when it was here before, or its hook has gone meanwhile: both are answered
 * like the first one.
 */
export async function noteDelivery(
  em: EntityManager,
  hook: FoundHook,
  news: WebhookNews,
  body: Uint8Array,
): Promise<boolean> {
  const touched = storable(news.touched.map(({ kind, remoteId }) => ({ kind, remoteId })));
  const gone = storable(
    news.gone.map(({ kind, remoteId, tombstone, intoRemoteId, at }) => ({
      kind,
      remoteId,
      tombstone,
      intoRemoteId,
      at,
    })),
  );
  const names = news.about === 'records' && touched.length + gone.length > 0;
  const inserted = await query(
    em,
    `with hook as (
       update ats.webhook_hooks set last_delivery_at = now(), last_genuine_at = now(), failures = 0
       where id = $1 and (last_genuine_at is null or failures > 0 or last_genuine_at < now() - make_interval(secs => $8)))
     insert into ats.webhook_inbox (hook_id, connection_id, delivery_key, event, touched, gone, occurred_at, state)
     select id, connection_id, $2, $3, $4::jsonb, $5::jsonb, $6, $7 from ats.webhook_hooks where id = $1
     on conflict (hook_id, delivery_key) do nothing returning 1`,
    [
      hook.id,
      keyOf(news, body),
      news.event.slice(0, LONGEST_EVENT).toWellFormed().replaceAll('\0', ' '),
      JSON.stringify(touched),
      JSON.stringify(gone),
      news.occurredAt,
      names ? 'pending' : 'ignored',
      TOLD_EVERY_SECONDS,
    ],
  );
  return names && inserted.length > 0;
}

/** Refused at this hook's address; told to an admin when it goes on. */
export async function noteRefusal(em: EntityManager, hookId: string): Promise<void> {
  await execute(em, `update ats.webhook_hooks set failures = failures + 1, failed_at = now() where id = $1`, [hookId]);
}

/** A digest either way: of bounded length, and nothing that an ATS puts into its ids is kept. */
function keyOf({ deliveryId }: WebhookNews, body: Uint8Array): string {
  const digest = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64url');
  return deliveryId === null ? `body:${digest(body)}` : `id:${digest(deliveryId)}`;
}

/** An id that no text of Postgres can hold is nobody's. */
function storable<Named extends { readonly remoteId: string }>(named: readonly Named[]): Named[] {
  return named.filter(({ remoteId }) => remoteId.isWellFormed() && !remoteId.includes('\0'));
}
