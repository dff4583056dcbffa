import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { ProviderFault } from '../contract/fault.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { RecordKind } from '../contract/records.js';
import { TOMBSTONES } from '../contract/tombstone.js';
import type { Tombstone } from '../contract/tombstone.js';
import type { HookRegistration, HookToRegister, WebhookCapability } from '../contract/webhooks.js';

/** What the scripted ATS delivers. */
export interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly touched?: readonly { readonly kind: RecordKind; readonly remoteId: string }[];
  readonly gone?: readonly {
    readonly kind: RecordKind;
    readonly remoteId: string;
    readonly tombstone: Tombstone;
    readonly intoRemoteId?: string | null;
  }[];
}

export interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const TOLERANCE_SECONDS = 300;

const toldSchema = z.object({
  id: z.string().optional(),
  event: z.string().default('changed'),
  touched: z.array(z.object({ kind: z.enum(RECORD_KINDS), remoteId: z.string() })).default([]),
  gone: z
    .array(
      z.object({
        kind: z.enum(RECORD_KINDS),
        remoteId: z.string(),
        tombstone: z.enum(TOMBSTONES),
        intoRemoteId: z.string().nullable().default(null),
      }),
    )
    .default([]),
});

/** Signs as the scripted ATS does: `v1=` and the digest of moment and body. */
export function signed(told: Told | string, secret: string, at: Date = new Date()): Signed {
  const body = typeof told === 'string' ? told : JSON.stringify(told);
  const moment = String(at.getTime());
  const digest = createHmac('sha256', secret).update(`${moment}.${body}`).digest('hex');
  return { headers: { 'content-type': 'application/json', 'x-moment': moment, 'x-signature': `v1=${digest}` }, body };
}

/** Webhooks of the scripted ATS, and the hooks that are registered there. */
export class SignedWebhooks {
  readonly registered = new Map<string, HookToRegister>();
  /** Called before each call of the API of hooks; what it throws is what the ATS did. */
  before: (call: 'register' | 'list' | 'remove') => void = () => undefined;
  #ids = 0;

  capability(registers: boolean): WebhookCapability<unknown> {
    return {
      events: ['changed', 'gone'],
      secretsAre: 'ours',
      toleranceSeconds: TOLERANCE_SECONDS,
      claim: ({ headers, body }) => {
        const { 'x-signature': signature = '', 'x-moment': moment = '' } = headers;
        if (!signature.startsWith('v1=') || moment === '') return null;
        const message = Buffer.concat([Buffer.from(`${moment}.`), body]);
        return { algorithm: 'hmac-sha256', message, signature: signature.slice(3), signedAt: new Date(Number(moment)) };
      },
      read: ({ body }) => {
        const parsed = toldSchema.safeParse(JSON.parse(Buffer.from(body).toString()));
        if (!parsed.success) throw new ProviderFault('unexpected-shape', 'Scripted delivered something else.');
        const { id, event, touched, gone } = parsed.data;
        return {
          deliveryId: id ?? null,
          event,
          occurredAt: null,
          about: event === 'ping' ? 'test' : 'records',
          touched,
          gone: gone.map((record) => ({ ...record, at: null })),
        };
      },
      registration: registers ? this.#registration() : null,
      instructions: ({ url }) => [`Enter ${url} in Scripted.`],
    };
  }

  #registration(): HookRegistration<unknown> {
    return {
      scopes: ['hooks'],
      register: (_, hook) => {
        this.before('register');
        this.#ids += 1;
        this.registered.set(`h${this.#ids}`, hook);
        return Promise.resolve({ remoteId: `h${this.#ids}`, secret: hook.secret });
      },
      list: (_, url) => {
        this.before('list');
        const hooks = [...this.registered].filter(([, hook]) => hook.url === url);
        return Promise.resolve(hooks.map(([remoteId, { event }]) => ({ remoteId, event })));
      },
      remove: (_, remoteId) => {
        this.before('remove');
        this.registered.delete(remoteId);
        return Promise.resolve();
      },
    };
  }
}
