import type { ServerResponse } from 'node:http';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { webhookSecretContext } from '../connections/sealed-contexts.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import type { SignatureClaim, WebhookDelivery, WebhookNews } from '../contract/webhooks.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { findHook, noteDelivery, noteRefusal, noteTest } from './inbox.js';
import type { FoundHook } from './inbox.js';
import { readRawBody } from './raw-body.js';
import type { DeliveryRequest } from './raw-body.js';
import { verifyClaim } from './verify-claim.js';
import { WakeUp } from './wake-up.js';

/** Random bytes of a hook's id, as text. */
const HOOK_ID = /^[A-Za-z0-9_-]{43}$/;
const REFUSALS_TOLD_EVERY_MS = 1_000;
const REFUSED = 'The delivery is not genuine.';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Takes deliveries in: verified, named in the inbox by one statement, answered. Everything else happens later. */
@Injectable()
export class WebhookIntake {
  readonly #logger = new Logger('AtsWebhooks');
  readonly #wakeUp = new WakeUp();
  readonly #refusedAt = new Map<string, number>();

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly runs: SyncRuns,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /** Answers the request, whatever comes of it. */
  async answer(request: DeliveryRequest, response: ServerResponse): Promise<void> {
    const { status, text } = await this.#take(request).catch((error: unknown): Reply => {
      this.#logger.error(`A delivery could not be kept, the ATS is to send it again: ${nameOf(error)}`);
      return { status: 503, text: 'The delivery could not be kept; send it again.' };
    });
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(text);
    // A body that nobody reads to its end must not be taken for the next request.
    if (status === 413) request.destroy();
  }

  async #take(request: DeliveryRequest): Promise<Reply> {
    const [provider = '', hookId = ''] =
      (request.originalUrl ?? request.url ?? '').split('?')[0]?.split('/').slice(-2) ?? [];
    const body = await readRawBody(request);
    if (body === 'too-large') return { status: 413, text: 'The delivery is larger than 5 MB.' };
    if (body === 'already-parsed') {
      this.#logger.error(
        'Webhooks cannot be verified: the body was parsed before its bytes reached us. Create the application with `rawBody: true` (NestFactory.create(AppModule, { rawBody: true })).',
      );
      return { status: 500, text: 'This server does not keep the bytes of a body, so nothing can be verified.' };
    }
    return this.#receive(provider, hookId, { headers: headersOf(request), body });
  }

  /** Whoever is refused is refused in the same words: nobody learns which hooks there are. */
  async #receive(providerId: string, hookId: string, delivery: WebhookDelivery): Promise<Reply> {
    const provider = this.registry.has(providerId) ? this.registry.get(providerId).provider : null;
    const known = provider?.webhooks !== undefined && HOOK_ID.test(hookId);
    const hook = known ? await findHook(this.em.fork(), providerId, hookId) : null;
    const claim = provider === null ? null : claimOf(provider, delivery);
    const genuine = verifyClaim(claim, {
      secrets: hook === null ? [] : this.#open(hook),
      now: hook?.now ?? 0,
      toleranceSeconds: provider?.webhooks?.toleranceSeconds ?? null,
    });
    if (hook === null || provider === null || !genuine) {
      if (hook !== null) this.#noteRefusal(hook.id);
      return { status: 401, text: REFUSED };
    }
    const news = this.#read(provider, hook, delivery);
    if (news.about === 'test') await noteTest(this.em.fork(), hook.id);
    else if (await noteDelivery(this.em.fork(), hook, news, delivery.body)) this.#wake(hook.connectionId);
    return { status: 200, text: '' };
  }

  #open(hook: FoundHook): string[] {
    return hook.secrets.flatMap(({ id, sealed }) => {
      try {
        return [this.box.open(sealed, webhookSecretContext({ id, workspaceId: hook.workspaceId }))];
      } catch (error) {
        if (!(error instanceof AtsError)) throw error;
        this.#logger.error(
          `A secret of the webhooks of connection ${hook.connectionId} is of no use: ${error.message}`,
        );
        return [];
      }
    });
  }

  /** Genuine, but not understood: kept as seen, since sending it again would not help. The polls have what it was about. */
  #read(provider: AtsProvider, hook: FoundHook, delivery: WebhookDelivery): WebhookNews {
    try {
      const news = provider.webhooks?.read(delivery);
      if (news !== undefined) return news;
    } catch (error) {
      this.#logger.warn(
        `A webhook of ${provider.manifest.name} for connection ${hook.connectionId} is not as documented and is left to the polls: ${nameOf(error)}`,
      );
    }
    return { deliveryId: null, event: 'unreadable', occurredAt: null, about: 'ignored', touched: [], gone: [] };
  }

  /** Nobody waits for it: a queue that is away must not keep the ATS waiting. The sweep finds what is lost here. */
  #wake(connectionId: string): void {
    const delayMs = this.#wakeUp.delayOf(connectionId);
    if (delayMs === null) return;
    void this.runs.wakeNamed(connectionId, delayMs).catch((error: unknown) => {
      this.#logger.warn(`The queue did not take the webhooks of connection ${connectionId}: ${nameOf(error)}`);
    });
  }

  /** After the answer and not at each one: whoever guesses neither learns from it nor makes work. */
  #noteRefusal(hookId: string): void {
    const now = performance.now();
    if (now - (this.#refusedAt.get(hookId) ?? -Infinity) < REFUSALS_TOLD_EVERY_MS) return;
    this.#refusedAt.set(hookId, now);
    void noteRefusal(this.em.fork(), hookId).catch((error: unknown) => {
      this.#logger.warn(`A refused delivery could not be counted: ${nameOf(error)}`);
    });
  }
}

/** A provider that stumbles over what strangers send has seen nothing genuine. */
function claimOf({ webhooks }: AtsProvider, delivery: WebhookDelivery): SignatureClaim | null {
  try {
    return webhooks?.claim(delivery) ?? null;
  } catch {
    return null;
  }
}

function headersOf({ headers }: DeliveryRequest): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return Object.fromEntries(entries);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}
