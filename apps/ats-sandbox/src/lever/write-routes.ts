import { z } from 'zod';
import type { ApiHandler, ApiReply, ApiRequest } from './api-request.js';
import { badRequest, forbidden, notFound } from './lever-error.js';
import { singleReply } from './list-reply.js';
import { archive, move } from './operations.js';
import { opportunityShaper, requireOpportunity } from './opportunity-routes.js';
import type { Contact, OpportunityRecord } from './records.js';
import type { View } from './views.js';

const texts = z.array(z.string());
const CONTACT_CHANGES = z
  .object({
    name: z.string(),
    headline: z.string(),
    location: z.string(),
    emails: texts,
    phones: z.array(z.object({ type: z.string().nullish(), value: z.string() })),
  })
  .partial();

/** PUT /opportunities/:id/stage; an archived opportunity moves as well and stays archived. */
export const putStage: ApiHandler = (request) => {
  const { state } = request.account;
  const { stage: id } = bodyOf(request, z.object({ stage: z.string() }));
  const user = performer(request);
  const record = requireOpportunity(request);
  const stage = state.stages.findIndex((one) => one.id === id);
  if (stage < 0) throw notFound('stages', id);
  return written(request, move(state, record, stage, user), 'without the contact');
};

/** PUT /opportunities/:id/archived; only an explicit null takes it out of the archive. */
export const putArchived: ApiHandler = (request) => {
  const { state } = request.account;
  const { reason: id } = bodyOf(request, z.object({ reason: z.string().nullable() }));
  performer(request);
  const record = requireOpportunity(request);
  const reason = id === null ? null : state.reasons.findIndex((one) => one.id === id);
  if (reason !== null && reason < 0) throw notFound('archive_reasons', id ?? '');
  return written(request, archive(state, record, reason), 'without the contact');
};

/** POST /opportunities/:id/addTags */
export const addTags: ApiHandler = (request) => changed(request, 'tags', union);

/** POST /opportunities/:id/removeTags */
export const removeTags: ApiHandler = (request) => changed(request, 'tags', difference);

/** POST /opportunities/:id/addSources */
export const addSources: ApiHandler = (request) => changed(request, 'sources', union);

/** POST /opportunities/:id/removeSources */
export const removeSources: ApiHandler = (request) => changed(request, 'sources', difference);

/** POST /opportunities/:id/addLinks; links are the contact's. */
export const addLinks: ApiHandler = (request) => linked(request, union);

/** POST /opportunities/:id/removeLinks */
export const removeLinks: ApiHandler = (request) => linked(request, difference);

/** PUT /contacts/:id; here the location is a plain string. */
export const putContact: ApiHandler = (request) => {
  const { state, views } = request.account;
  const changes = bodyOf(request, CONTACT_CHANGES);
  const id = request.params['id'] ?? '';
  const contact = state.findContact(id);
  if (contact === undefined) throw notFound('contacts', id);
  if (contact.isAnonymized) throw badRequest('Anonymous contacts cannot be updated');
  const visible = state.slotsOf(contact.index).some((slot) => state.row(slot)?.confidential === false);
  if (!visible && !request.mayReadConfidential) throw forbidden('This contact is confidential');
  const put: Contact = {
    ...contact,
    name: changes.name ?? contact.name,
    headline: changes.headline ?? contact.headline,
    location: changes.location ?? contact.location,
    emails: changes.emails ?? contact.emails,
    phones: changes.phones?.map(({ type, value }) => ({ type: type ?? null, value })) ?? contact.phones,
  };
  state.putContact(put, { type: 'contactUpdated', contact: put.index });
  return singleReply(without(views.contact(put), ['isAnonymized', 'dataProtection']));
};

type Combine = (present: readonly string[], asked: readonly string[]) => readonly string[];
const union: Combine = (present, asked) => [...new Set([...present, ...asked])];
const difference: Combine = (present, asked) => present.filter((text) => !asked.includes(text));

function changed(request: ApiRequest, field: 'tags' | 'sources', combine: Combine): ApiReply {
  const asked = bodyOf(request, z.record(z.literal(field), texts))[field];
  performer(request);
  const record = requireOpportunity(request);
  const event = { type: 'opportunityUpdated', opportunity: record.slot } as const;
  return written(
    request,
    request.account.state.touch({ ...record, [field]: combine(record[field], asked) }, event),
    'without the contact',
  );
}

function linked(request: ApiRequest, combine: Combine): ApiReply {
  const { state } = request.account;
  const { links } = bodyOf(request, z.object({ links: texts }));
  performer(request);
  const record = requireOpportunity(request);
  const contact = state.contact(record.contact);
  state.putContact(
    { ...contact, links: combine(contact.links, links) },
    { type: 'contactUpdated', contact: contact.index },
  );
  return written(request, state.opportunity(record.slot) ?? record, 'with the contact');
}

/**
 * The opportunity as writes answer with it: without its location, and most of them with the person's fields blank although
 * the person has them. A client that stores what a write answers loses names and addresses.
 */
function written(
  request: ApiRequest,
  record: OpportunityRecord,
  contact: 'with the contact' | 'without the contact',
): ApiReply {
  const view = without(request.account.views.opportunity(record), ['opportunityLocation']);
  const blank = contact === 'with the contact' ? {} : { name: '', headline: '', emails: [], phones: [], links: [] };
  return singleReply(opportunityShaper(request)(record, { ...view, ...blank }));
}

/** In whose name the change is made; undefined when it is the integration's own. */
function performer(request: ApiRequest): number | undefined {
  const id = request.query.one('perform_as');
  if (id === undefined) {
    if (request.account.settings.performAs === 'documented') return undefined;
    throw badRequest('Missing required parameter: perform_as');
  }
  const user = request.account.state.users.findIndex((one) => one.id === id);
  if (user < 0) throw notFound('users', id);
  return user;
}

function bodyOf<Shape extends z.ZodType>(request: ApiRequest, shape: Shape): z.infer<Shape> {
  const parsed = shape.safeParse(request.body);
  if (!parsed.success) throw badRequest(z.prettifyError(parsed.error));
  return parsed.data;
}

function without(view: View, keys: readonly string[]): View {
  return Object.fromEntries(Object.entries(view).filter(([key]) => !keys.includes(key)));
}
