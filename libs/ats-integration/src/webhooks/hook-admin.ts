import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import type { WebhookCapability } from '../contract/webhooks.js';
import { execute, query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';
import { newSecret, storeSecret } from './hook-secrets.js';
import { EXCHANGE, MISSING_SCOPES } from './hooks.js';

/** `unsupported`: the ATS has none. `not-set-up`: in a moment, or when the connection is active again. */
export const WEBHOOK_STATUSES = ['unsupported', 'not-set-up', 'waiting', 'active', 'failing', 'silent'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

export interface WebhookView {
  readonly status: WebhookStatus;
  /** `api`: registered at the ATS by us. `manual`: by the steps in `instructions`. Null: there is no hook, or it is being set up. */
  readonly how: 'api' | 'manual' | null;
  readonly url: string | null;
  readonly secretsAre: 'ours' | 'theirs' | null;
  /** The ATS's events, and whether a secret for each is here. */
  readonly events: readonly { readonly event: string; readonly hasSecret: boolean }[];
  /** Steps for an admin, one sentence each; empty where there is nothing to do. */
  readonly instructions: readonly string[];
  /** Why it could not be registered by itself. */
  readonly note: string | null;
  readonly lastDeliveryAt: Date | null;
  readonly lastGenuineAt: Date | null;
  /** Refused deliveries since the last genuine one. */
  readonly failures: number;
}

export interface GivenSecret {
  readonly event?: string | undefined;
  readonly secret?: string | undefined;
}

interface HookRow extends Pick<WebhookView, 'lastDeliveryAt' | 'lastGenuineAt' | 'failures' | 'note'> {
  readonly id: string;
  readonly workspaceId: string;
  readonly status: WebhookStatus;
  readonly how: 'api' | 'manual' | null;
  readonly url: string;
  readonly secrets: readonly (string | null)[];
}

const NONE: WebhookView = {
  status: 'unsupported',
  how: null,
  url: null,
  secretsAre: null,
  events: [],
  instructions: [],
  note: null,
  lastDeliveryAt: null,
  lastGenuineAt: null,
  failures: 0,
};

/** What an admin sees of a connection's webhooks and does about their secrets. Every read is scoped by workspace. */
@Injectable()
export class HookAdmin {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /** @throws AtsError `not-found`, also for another workspace's connection. */
  async view(workspaceId: string, connectionId: string): Promise<WebhookView> {
    const webhooks = await this.#webhooksOf(workspaceId, connectionId);
    if (webhooks === undefined) return NONE;
    const hook = await this.#hookOf(connectionId);
    if (hook === undefined) return { ...NONE, status: 'not-set-up', secretsAre: webhooks.secretsAre };
    const { status, how, url, lastDeliveryAt, lastGenuineAt, failures } = hook;
    return {
      status,
      how,
      url,
      secretsAre: webhooks.secretsAre,
      events: webhooks.events.map((event) => ({
        event,
        hasSecret: hook.secrets.includes(event) || hook.secrets.includes(null),
      })),
      instructions: how === 'manual' ? [...webhooks.instructions({ url, events: webhooks.events })] : [],
      note: explain(hook.note),
      lastDeliveryAt,
      lastGenuineAt,
      failures,
    };
  }

  /**
   * A new secret of ours, shown this once, or one that the ATS showed, for one of its events. The one before it holds a
   * day longer. Where we registered the hooks ourselves, all are registered anew, and there is nothing to show.
   * @throws AtsError `not-found`, `no-webhooks`, `invalid-request`
   */
  async exchangeSecret(
    workspaceId: string,
    connectionId: string,
    given: GivenSecret,
  ): Promise<{ readonly secret: string | null }> {
    const webhooks = await this.#webhooksOf(workspaceId, connectionId);
    const hook = await this.#hookOf(connectionId);
    if (webhooks === undefined || hook === undefined || hook.how === null) {
      throw new AtsError(
        'no-webhooks',
        'This connection has no webhook, so there is no secret to exchange. Where the ATS has webhooks it is set up within a minute, while the connection is active.',
      );
    }
    if (hook.how === 'api') {
      await execute(
        this.em.fork(),
        `update ats.webhook_hooks set set_up_at = null, not_before = null, note = '${EXCHANGE}' where id = $1`,
        [hook.id],
      );
      return { secret: null };
    }
    const secret = webhooks.secretsAre === 'ours' ? ourSecret(given) : theirSecret(webhooks, given);
    const event = webhooks.secretsAre === 'ours' ? null : (given.event ?? null);
    const ref = { id: hook.id, connectionId, workspaceId: hook.workspaceId };
    await this.em.fork().transactional((em) => storeSecret(em, this.box, ref, { event, remoteId: null, secret }));
    return { secret: webhooks.secretsAre === 'ours' ? secret : null };
  }

  async #webhooksOf(workspaceId: string, connectionId: string): Promise<WebhookCapability<unknown> | undefined> {
    const { provider } = await ownedConnection(this.em.fork(), workspaceId, connectionId);
    return this.registry.has(provider) ? this.registry.get(provider).provider.webhooks : undefined;
  }

  async #hookOf(connectionId: string): Promise<HookRow | undefined> {
    const [hook] = await query<HookRow>(
      this.em.fork(),
      `select h.id, c.workspace_id as "workspaceId", h.status, case when h.how = 'manual' and h.set_up_at is null then null else h.how end as how, h.url, h.note, h.failures, h.last_delivery_at as "lastDeliveryAt",
         h.last_genuine_at as "lastGenuineAt",
         coalesce((select jsonb_agg(s.event) from ats.webhook_secrets s where s.hook_id = h.id and s.retires_at is null), '[]') as secrets
       from ats.webhook_hooks h join ats.connections c on c.id = h.connection_id where h.connection_id = $1`,
      [connectionId],
      ['lastDeliveryAt', 'lastGenuineAt'],
    );
    return hook;
  }
}

function ourSecret({ event, secret }: GivenSecret): string {
  if (event === undefined && secret === undefined) return newSecret();
  throw new AtsError(
    'invalid-request',
    'This ATS takes a secret of ours: send an empty object, and enter what you get there.',
  );
}

function theirSecret({ events }: WebhookCapability<unknown>, { event, secret }: GivenSecret): string {
  if (event !== undefined && events.includes(event) && secret !== undefined) return secret;
  throw new AtsError(
    'invalid-request',
    `This ATS shows a secret for each event: send it as \`secret\`, with its \`event\`, one of ${events.join(', ')}.`,
  );
}

function explain(note: string | null): string | null {
  if (note === EXCHANGE) return 'The secrets are being exchanged.';
  if (note === MISSING_SCOPES)
    return 'The authorisation does not allow Elly to register webhooks by itself. Enter them by hand, or reconnect with that permission.';
  return note;
}
