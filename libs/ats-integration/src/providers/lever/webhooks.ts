import { z } from 'zod';
import type {
  GoneRecord,
  HookToRegister,
  RecordKind,
  RegisteredHook,
  SignatureClaim,
  WebhookCapability,
  WebhookDelivery,
  WebhookNews,
} from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { createdWebhookSchema, listBodySchema, webhookRowSchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { WRITE_SCOPES } from './manifest.js';
import type { LeverContext } from './paging.js';
import { unexpected } from './paging.js';

/** Lever Data API docs, Webhooks. Deliveries name ids; what changed is read from the API. */
export const webhooks: WebhookCapability<LeverConfig> = {
  // Not `contactCreated`: a person comes with their first opportunity. Interviews are not kept.
  events: [
    'applicationCreated',
    'candidateStageChange',
    'candidateArchiveChange',
    'candidateHired',
    'candidateDeleted',
    'contactUpdated',
  ],
  secretsAre: 'theirs',
  // Five attempts with growing gaps that Lever does not state; the moment that is signed may be the first attempt's.
  toleranceSeconds: 24 * 60 * 60,
  claim,
  read,
  registration: { scopes: [WRITE_SCOPES.webhooks], register, list, remove },
  instructions: ({ url, events }) => [
    'Sign in to Lever as a Super Admin and open Settings, Integrations and API, Webhooks.',
    `Add the address ${url} to each of these events: ${events.join(', ')}.`,
    'Generate a signature token for each of these events and copy it here: Lever signs nothing without one, and what is not signed is refused.',
    'Switch each of these events on, those that were registered through the API too: Lever sends nothing of an event that is off.',
    'Press "Verify connection" beside the address: Lever sends a test, and it is shown here as received.',
  ],
};

/** What a date can hold. */
const LAST_MOMENT = 8_640_000_000_000_000;

const momentSchema = z.union([z.int().min(0).max(LAST_MOMENT), z.string().regex(/^\d{1,15}$/)]);

const signedSchema = z.looseObject({
  // Documented as 48 characters and shown with 50: only that there is one counts.
  token: z.string().min(1),
  triggeredAt: momentSchema,
  signature: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * The signature covers the token and the moment, not the data: whoever saw one delivery can send others with the same pair
 * for as long as it is not too old. So nothing is believed of the data but what to read again.
 */
function claim({ body }: WebhookDelivery): SignatureClaim | null {
  const parsed = signedSchema.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { token, triggeredAt, signature } = parsed.data;
  return {
    algorithm: 'hmac-sha256',
    message: `${token}${String(triggeredAt)}`,
    signature,
    signedAt: new Date(Number(triggeredAt)),
  };
}

const id = z.string().min(1).nullish().catch(null);

const deliverySchema = z.looseObject({
  // In the table of attributes, and in neither of the examples.
  id,
  event: z.string().min(1),
  triggeredAt: momentSchema.nullish().catch(null),
  data: z.looseObject({ opportunityId: id, contactId: id }).nullish(),
});

/** Events whose data names an opportunity that we keep. `candidateId` is never looked at: it is deprecated and was an opportunity's id once. */
const OF_OPPORTUNITY = ['applicationCreated', 'candidateStageChange', 'candidateArchiveChange', 'candidateHired'];
const OF_CONTACT = ['contactCreated', 'contactUpdated'];

function read({ body }: WebhookDelivery): WebhookNews {
  const parsed = deliverySchema.safeParse(parseJson(body));
  if (!parsed.success)
    throw new ProviderFault('unexpected-shape', "Lever's delivery is not as documented. Nothing of it was taken.");
  const { id: deliveryId, event, triggeredAt, data } = parsed.data;
  const occurredAt = triggeredAt == null ? null : new Date(Number(triggeredAt));
  const touched = [
    ...named('application', OF_OPPORTUNITY.includes(event), data?.opportunityId),
    ...named('candidate', OF_CONTACT.includes(event), data?.contactId),
  ];
  const gone = named('application', event === 'candidateDeleted', data?.opportunityId).map((record): GoneRecord => ({
    ...record,
    tombstone: 'deleted',
    intoRemoteId: null,
    at: occurredAt,
  }));
  // Lever tests an address with the event that was chosen, signed, and without data.
  const isTest = Object.keys(data ?? {}).length === 0;
  const about = isTest ? 'test' : touched.length + gone.length > 0 ? 'records' : 'ignored';
  return { deliveryId: deliveryId ?? null, event, occurredAt, about, touched, gone };
}

function named(
  kind: RecordKind,
  isMeant: boolean,
  remoteId: string | null | undefined,
): readonly { readonly kind: RecordKind; readonly remoteId: string }[] {
  return isMeant && remoteId != null ? [{ kind, remoteId }] : [];
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/**
 * Lever Data API docs, Create a webhook. Each hook has a signature token of its own that is shown this once. Without
 * conditions, a hook is for opportunities of every origin.
 */
async function register({ http }: LeverContext, { url, event }: HookToRegister): Promise<RegisteredHook> {
  const { body } = await http.request({ method: 'POST', path: '/webhooks', json: { url, event } });
  const parsed = createdWebhookSchema.safeParse(body);
  const token = parsed.success ? parsed.data.data.configuration?.signatureToken : null;
  if (!parsed.success || token == null) throw unexpected({ what: 'webhooks' }, 'a new one comes without its token');
  return { remoteId: parsed.data.data.id, secret: token };
}

/** Lever Data API docs, List all webhooks: those that this authorisation registered. It is no list of pages. */
async function list(
  { http }: LeverContext,
  url: string,
): Promise<readonly { readonly remoteId: string; readonly event: string }[]> {
  const { body } = await http.request({ path: '/webhooks' });
  const parsed = listBodySchema.safeParse(body);
  if (!parsed.success) throw unexpected({ what: 'webhooks' }, 'the list itself is missing from the answer');
  return parsed.data.data.flatMap((row) => {
    const hook = webhookRowSchema.safeParse(row);
    const isOurs = hook.success && hook.data.url === url && hook.data.event !== null;
    return isOurs ? [{ remoteId: hook.data.id, event: hook.data.event ?? '' }] : [];
  });
}

/** Lever Data API docs, Delete a webhook. */
async function remove({ http }: LeverContext, remoteId: string): Promise<void> {
  await http.request({ method: 'DELETE', path: `/webhooks/${encodeURIComponent(remoteId)}`, accept: [404] });
}
