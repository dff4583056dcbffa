import { z } from 'zod';
import type {
  GoneRecord,
  HookRegistration,
  HookToRegister,
  RecordKind,
  RegisteredHook,
  SignatureClaim,
  WebhookCapability,
  WebhookDelivery,
  WebhookNews,
} from '../../contract.js';
import { describeIssues, ProviderFault } from '../../contract.js';
import { hookSchema, id, listOf, optionalId } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { writeOnce } from './faults.js';
import { FEATURE_SCOPES } from './manifest.js';
import type { GreenhouseContext } from './paging.js';
import { fetchAll, harvestId, unexpected } from './paging.js';

type News = Pick<WebhookNews, 'touched' | 'gone'>;
type Reader = (payload: unknown) => News;

const touch = (kind: RecordKind, remoteId: string | null): WebhookNews['touched'] =>
  remoteId === null ? [] : [{ kind, remoteId }];

const gone = (kind: RecordKind, remoteId: string, tombstone: GoneRecord['tombstone'] = 'deleted'): GoneRecord => ({
  kind,
  remoteId,
  tombstone,
  intoRemoteId: null,
  at: null,
});

/** A payload through its schema. Only ids are taken: payloads have the shape of an older API, and what changed is read from this one. */
function reader<Payload>(schema: z.ZodType<Payload>, news: (payload: Payload) => Partial<News>): Reader {
  return (payload) => {
    const parsed = schema.safeParse(payload);
    if (!parsed.success) throw unreadable(`its payload (${describeIssues(parsed.error)})`);
    return { touched: [], gone: [], ...news(parsed.data) };
  };
}

const application = reader(z.object({ application: z.object({ id }) }), (payload) => ({
  touched: touch('application', payload.application.id),
}));

/** Somebody new: the person comes with the application. */
const newApplication = reader(
  z.object({ application: z.object({ id, candidate: z.object({ id }) }) }),
  ({ application: { id: applicationId, candidate } }) => ({
    touched: [...touch('application', applicationId), ...touch('candidate', candidate.id)],
  }),
);

const job = reader(z.object({ job: z.object({ id }) }), (payload) => ({ touched: touch('job', payload.job.id) }));

/** A post is the job's description. One without a job is for prospects. */
const jobPost = reader(z.object({ job_id: optionalId }), (payload) => ({ touched: touch('job', payload.job_id) }));

/** Who loses one of these is nobody any more, or loses what is kept here beside the row: files and answers. */
const ERASING_FIELDS: ReadonlySet<string> = new Set([
  'full_name',
  'attachments',
  'application_questions',
  'custom_application_fields',
]);

/** Greenhouse docs, Recruiting webhooks: each event that is about something we keep, and where its payload names it. */
const READERS: Readonly<Record<string, Reader>> = {
  new_candidate_application: newApplication,
  new_prospect_application: newApplication,
  application_updated: application,
  candidate_stage_change: application,
  hire_candidate: application,
  unhire_candidate: application,
  reject_candidate: application,
  unreject_candidate: application,
  delete_application: reader(z.object({ application: z.object({ id }) }), (payload) => ({
    gone: [gone('application', payload.application.id)],
  })),
  update_candidate: reader(z.object({ candidate: z.object({ id }) }), (payload) => ({
    touched: touch('candidate', payload.candidate.id),
  })),
  // Nothing is told of the applications on their own when their candidate is deleted.
  delete_candidate: reader(
    z.object({ person: z.object({ id, deleted_application_ids: listOf(id) }) }),
    ({ person }) => ({
      gone: [
        gone('candidate', person.id),
        ...person.deleted_application_ids.map((remoteId) => gone('application', remoteId)),
      ],
    }),
  ),
  merge_candidate: reader(z.object({ person: z.object({ id, new_candidate_id: id }) }), ({ person }) => ({
    touched: touch('candidate', person.new_candidate_id),
    gone: [{ ...gone('candidate', person.id, 'merged'), intoRemoteId: person.new_candidate_id }],
  })),
  // Any fields can be chosen for it. The row may stay in the lists, with what was not chosen.
  candidate_anonymized: reader(
    z.object({ candidate_id: id, anonymized_fields: listOf(z.string()) }),
    ({ candidate_id: remoteId, anonymized_fields: fields }) => ({
      touched: touch('candidate', remoteId),
      gone: fields.some((field) => ERASING_FIELDS.has(field)) ? [gone('candidate', remoteId, 'anonymised')] : [],
    }),
  ),
  job_created: job,
  job_updated: job,
  job_approved: job,
  job_deleted: reader(z.object({ job: z.object({ id }) }), (payload) => ({ gone: [gone('job', payload.job.id)] })),
  job_post_created: jobPost,
  job_post_updated: jobPost,
  job_post_deleted: reader(z.object({ job_post: z.object({ job_id: optionalId }) }), (payload) => ({
    touched: touch('job', payload.job_post.job_id),
  })),
  // The stage may stay in the list, switched off, so that history resolves.
  job_interview_stage_deleted: reader(z.object({ job_interview_stage: z.object({ id }) }), (payload) => ({
    touched: touch('stage', payload.job_interview_stage.id),
    gone: [gone('stage', payload.job_interview_stage.id)],
  })),
};

/** Every one is a hook that somebody may have to add by hand: an approval says nothing that `job_updated` does not. */
const EVENTS = Object.keys(READERS).filter((event) => event !== 'job_approved');

/** Greenhouse docs, Recruiting webhooks. */
export const webhooks: WebhookCapability<GreenhouseConfig> = {
  events: EVENTS,
  secretsAre: 'ours',
  toleranceSeconds: null,
  claim,
  read,
  registration: registration(),
  instructions,
};

/** `Signature: sha256 <hex>`, with one space and no `=`, over the bytes as they came: `<` is escaped in them before they are signed. */
function claim({ headers, body }: WebhookDelivery): SignatureClaim | null {
  const [, signature] = /^sha256 ([0-9a-f]{64})$/.exec(headers['signature'] ?? '') ?? [];
  return signature === undefined ? null : { algorithm: 'hmac-sha256', message: body, signature, signedAt: null };
}

const deliverySchema = z.object({ action: z.string().min(1), payload: z.unknown() });

function read({ headers, body }: WebhookDelivery): WebhookNews {
  const parsed = deliverySchema.safeParse(parseJson(body));
  if (!parsed.success) throw unreadable('its body');
  const { action, payload } = parsed.data;
  const readPayload = Object.hasOwn(READERS, action) ? READERS[action] : undefined;
  const news = readPayload?.(payload) ?? { touched: [], gone: [] };
  const other = action === 'ping' ? 'test' : 'ignored';
  return {
    deliveryId: headers['greenhouse-event-id'] || null,
    event: action,
    // No payload says when it happened.
    occurredAt: null,
    about: news.touched.length + news.gone.length > 0 ? 'records' : other,
    ...news,
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function unreadable(what: string): ProviderFault {
  return new ProviderFault(
    'unexpected-shape',
    `A web hook of Greenhouse's is not as documented: ${what} cannot be read. The next sync brings what it was about; if it lasts, report it to the maintainers.`,
  );
}

/** After the first, a minute, a quarter of an hour, one, two, four and eight hours later (Greenhouse docs, Recruiting webhooks). */
const MAX_ATTEMPTS = 7;

/** Harvest v3 docs, Webhooks: for apps of Greenhouse's partners alone. */
function registration(): HookRegistration<GreenhouseConfig> {
  return { scopes: FEATURE_SCOPES.webhooks, register, list, remove };
}

const words = (what: string, scope: string) => ({
  what,
  scopes: [scope],
  refused:
    'Only partner apps may, and the address must be one that Greenhouse takes. Add the web hook in Greenhouse by hand.',
  gone: 'Greenhouse does not offer web hooks to this app. Add the web hook in Greenhouse by hand.',
});

async function register(context: GreenhouseContext, hook: HookToRegister): Promise<RegisteredHook> {
  const json = {
    endpoint_url: hook.url,
    name: `Elly: ${hook.event}`,
    event_action_type: hook.event,
    secret_key: hook.secret,
    max_attempts: MAX_ATTEMPTS,
  };
  const { body } = await writeOnce(
    context,
    { method: 'POST', path: '/webhooks', json },
    words(`add the web hook for ${hook.event}`, 'harvest:webhooks:create'),
  );
  const parsed = hookSchema.pick({ id: true, deactivated: true }).safeParse(body);
  if (!parsed.success) throw unexpected('web hooks', 'the new hook has no id');
  const { id: remoteId, deactivated } = parsed.data;
  if (deactivated !== true) return { remoteId, secret: hook.secret };
  // Its trial call failed. Left there, it would stay silent for ever and look as if it were in place.
  await remove(context, remoteId);
  throw new ProviderFault(
    'invalid-request',
    `Greenhouse tried the web hook for ${hook.event}, did not get the answer that it wants and saved it switched off, so it was removed again. Make sure that Greenhouse can reach this server from outside, then switch the web hooks on again.`,
  );
}

async function list(
  context: GreenhouseContext,
  url: string,
): Promise<readonly { readonly remoteId: string; readonly event: string }[]> {
  const rows = await fetchAll(context, [{ path: '/webhooks', query: {}, what: 'web hooks' }]);
  const hooks = rows.flatMap((row) => hookSchema.safeParse(row).data ?? []);
  return hooks
    .filter((hook) => hook.endpoint_url === url)
    .map((hook) => ({ remoteId: hook.id, event: hook.event_action_type }));
}

async function remove({ http }: GreenhouseContext, remoteId: string): Promise<void> {
  await http.request({ method: 'DELETE', path: `/webhooks/${harvestId(remoteId, 'the web hook')}`, accept: [404] });
}

function instructions({
  url,
  events,
}: {
  readonly url: string;
  readonly events: readonly string[];
}): readonly string[] {
  return [
    'In Greenhouse open Configure, then Dev Center, then Web Hooks.',
    `Add a web hook for each of these events, because a web hook of Greenhouse's has one event only: ${events.join(', ')}.`,
    `Enter this address as the endpoint of each of them: ${url}.`,
    'Enter the secret that is shown here as the secret key of each of them.',
    'Save it and look whether it is switched on, because Greenhouse calls the address when it saves a web hook and leaves it switched off when the call fails.',
  ];
}
