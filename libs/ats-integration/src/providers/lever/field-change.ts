import { z } from 'zod';
import type { CandidateState, FieldChangeCapability, FieldChanges, JsonValue } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import type { LeverContact } from './api.schemas.js';
import { contactSchema, opportunitySchema, singleBodySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { CONFIDENTIAL_SCOPE, WRITE_SCOPES } from './manifest.js';
import { toCandidate } from './normalise.js';
import type { LeverContext } from './paging.js';
import { unexpected, walk } from './paging.js';

/**
 * Writes to the contact, which is what a candidate is here. Links are read-only: they are added and removed with requests
 * of their own, on an opportunity, and one change must be one write.
 */
export const fieldChanges: FieldChangeCapability<LeverConfig> = {
  scopes: [WRITE_SCOPES.contact],
  read,
  write,
};

/** Lever Data API docs, Retrieve a single contact. */
async function read(context: LeverContext, candidateRemoteId: string): Promise<CandidateState | null> {
  const contact = await readContact(context, candidateRemoteId);
  if (contact === null) return null;
  const { id, name, headline, location, emails, phones, isAnonymized } = contact;
  const links = await readLinks(context, id);
  const texts = { name: filled(name), headline: filled(headline), location: filled(location) };
  return {
    record: toCandidate({ contact: id, ...texts, emails, phones, links, isAnonymized }),
    guard: { name, headline, location, emails, phones: phones.map(writtenPhone) },
  };
}

async function readContact({ http, scopes }: LeverContext, id: string): Promise<LeverContact | null> {
  try {
    const { status, body } = await http.request({ path: pathOf(id), accept: [404] });
    if (status === 404) return null;
    const single = singleBodySchema.safeParse(body);
    const parsed = single.success ? contactSchema.safeParse(single.data.data) : null;
    if (parsed?.success !== true) throw unexpected({ what: 'contacts' }, 'the contact itself cannot be read');
    return parsed.data;
  } catch (error) {
    // Whose opportunities are all confidential is hidden without the grant.
    const hidden = error instanceof ProviderFault && error.code === 'forbidden-scope';
    if (hidden && !scopes.includes(CONFIDENTIAL_SCOPE)) return null;
    throw error;
  }
}

const linksSchema = opportunitySchema.pick({ links: true });

/** Links belong to the contact and are only shown on its opportunities (Lever Data API docs, Opportunities). */
async function readLinks(context: LeverContext, contact: string): Promise<string[]> {
  const list = {
    path: '/opportunities',
    query: { contact_id: contact },
    what: 'opportunities',
    scope: 'opportunities:read:admin',
    confidential: true,
  };
  for await (const { rows } of walk(context, [list], null)) {
    const parsed = linksSchema.safeParse(rows[0]);
    return parsed.success ? parsed.data.links : [];
  }
  return [];
}

/** What is written as a whole: what the changes do not name goes back as it was read, so that it is kept whichever way Lever reads an absent field. */
const guardSchema = z.strictObject({
  name: z.string(),
  headline: z.string(),
  location: z.string(),
  emails: z.array(z.string()),
  phones: z.array(z.strictObject({ value: z.string(), type: z.string().optional() })),
});
type Written = z.infer<typeof guardSchema>;

/** Lever Data API docs, Update a contact. The location is read as an object and written as text. */
async function write(
  { http }: LeverContext,
  candidateRemoteId: string,
  current: CandidateState,
  changes: FieldChanges,
): Promise<void> {
  if (current.record.anonymised)
    throw new ProviderFault(
      'invalid-request',
      'Lever anonymised this person, and nothing of an anonymised person can be changed.',
    );
  const guard = parsed(guardSchema, 'guard', current.guard);
  const json = Object.entries(changes).reduce<Written>(
    (written, [field, value]) => apply(written, field, value),
    guard,
  );
  await http.request({ method: 'PUT', path: pathOf(candidateRemoteId), json });
}

const pointsSchema = z.array(z.looseObject({ value: z.string().min(1), type: z.string().nullish() }));
const optionalText = z
  .string()
  .nullable()
  .transform((value) => value ?? '');

function apply(written: Written, field: string, value: JsonValue): Written {
  switch (field) {
    case 'name':
      return { ...written, name: parsed(z.string().min(1), field, value) };
    case 'headline':
    case 'location':
      return { ...written, [field]: parsed(optionalText, field, value) };
    case 'emails':
      return { ...written, emails: parsed(pointsSchema, field, value).map((point) => point.value) };
    case 'phones':
      return { ...written, phones: parsed(pointsSchema, field, value).map(writtenPhone) };
    default:
      throw new ProviderFault(
        'invalid-request',
        `Lever does not take "${field}" of a candidate from outside. Change it in Lever.`,
      );
  }
}

function parsed<Value>(schema: z.ZodType<Value>, field: string, value: JsonValue): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ProviderFault('invalid-request', `Lever cannot take this value for "${field}". Look at it and ask again.`);
}

function writtenPhone({ value, type }: { readonly value: string; readonly type?: string | null | undefined }): {
  readonly value: string;
  readonly type?: string;
} {
  return { value, ...(type == null ? {} : { type }) };
}

const filled = (value: string): string | null => (value.trim() === '' ? null : value);

const pathOf = (id: string): string => `/contacts/${encodeURIComponent(id)}`;
