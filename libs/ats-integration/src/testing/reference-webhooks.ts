import { z } from 'zod';
import { ProviderFault } from '../contract/fault.js';
import type { HookRegistration, WebhookCapability, WebhookNews } from '../contract/webhooks.js';
import type { PaperConfig } from './reference-people.js';

const deliverySchema = z.looseObject({
  id: z.string().min(1).nullish(),
  event: z.string().min(1),
  person: z.string().min(1).nullish(),
});
const hookSchema = z.looseObject({ id: z.string().min(1), event: z.string(), url: z.string() });
const hooksSchema = z.looseObject({ rows: z.array(hookSchema) });
const NOTHING = { touched: [], gone: [] } as const;

const registration: HookRegistration<PaperConfig> = {
  scopes: ['hooks'],
  async register({ http }, { url, event, secret }) {
    const { body } = await http.request({ method: 'POST', path: '/hooks', json: { url, event, secret } });
    const parsed = hookSchema.safeParse(body);
    if (!parsed.success) throw new ProviderFault('unexpected-shape', 'Paper does not say which hook it registered.');
    return { remoteId: parsed.data.id, secret };
  },
  async list({ http }, url) {
    const parsed = hooksSchema.safeParse((await http.request({ path: '/hooks' })).body);
    if (!parsed.success) throw new ProviderFault('unexpected-shape', "Paper's list of hooks is not as documented.");
    return parsed.data.rows.filter((hook) => hook.url === url).map(({ id, event }) => ({ remoteId: id, event }));
  },
  async remove({ http }, remoteId) {
    await http.request({ method: 'DELETE', path: `/hooks/${encodeURIComponent(remoteId)}`, accept: [404] });
  },
};

/** How Paper tells of changes: the moment and the body are signed, the signature is in a header. */
export const paperWebhooks: WebhookCapability<PaperConfig> = {
  events: ['person.moved', 'person.shredded'],
  secretsAre: 'ours',
  toleranceSeconds: 300,
  claim: ({ headers, body }) => {
    const [signature = '', time = ''] = [headers['paper-signature'], headers['paper-time']];
    if (!/^[0-9a-f]{64}$/.test(signature) || !/^\d{1,13}$/.test(time)) return null;
    const message = Buffer.concat([Buffer.from(`${time}.`), body]);
    return { algorithm: 'hmac-sha256', message, signature, signedAt: new Date(Number(time)) };
  },
  read: ({ body }): WebhookNews => {
    const parsed = deliverySchema.safeParse(parseJson(body));
    if (!parsed.success) throw new ProviderFault('unexpected-shape', "Paper's delivery is not as documented.");
    const { id, event, person } = parsed.data;
    const said = { deliveryId: id ?? null, event, occurredAt: null };
    if (event === 'hook.tried') return { ...said, about: 'test', ...NOTHING };
    if (person == null) return { ...said, about: 'ignored', ...NOTHING };
    const record = { kind: 'application', remoteId: person } as const;
    switch (event) {
      case 'person.moved':
        return { ...said, about: 'records', touched: [record], gone: [] };
      case 'person.shredded': {
        const gone = { ...record, tombstone: 'deleted', intoRemoteId: null, at: null } as const;
        return { ...said, about: 'records', touched: [], gone: [gone] };
      }
      default:
        return { ...said, about: 'ignored', ...NOTHING };
    }
  },
  registration,
  instructions: ({ url, events }) => [
    `Open the page of hooks in Paper and add ${url} for ${events.join(' and ')}.`,
    'Paste the secret that is shown here.',
  ],
};

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
