import { z } from 'zod';
import type { CandidateState, FieldChangeCapability, FieldChanges, JsonValue } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { candidateSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { writeOnce } from './faults.js';
import { toCandidate } from './normalise.js';
import { writeCustomFields } from './normalise.written-fields.js';
import type { GreenhouseContext } from './paging.js';
import { fetchRow, harvestId, unexpected } from './paging.js';

const SCOPES = ['harvest:candidates:update'];

/** Harvest v3 docs, Update candidate. Texts are changed one by one; each list, the custom fields too, is replaced as a whole. */
export const fieldChanges: FieldChangeCapability<GreenhouseConfig> = { scopes: SCOPES, read, write };

type Body = Readonly<Record<string, JsonValue>>;

const points = z.array(z.object({ value: z.string().nullable(), type: z.string().nullable() }));
/** What the record holds in fewer words than Greenhouse does. */
const guardSchema = z.object({
  addresses: points,
  website_addresses: points,
  social_media_addresses: points,
});
type Guard = z.infer<typeof guardSchema>;

async function read(context: GreenhouseContext, candidateRemoteId: string): Promise<CandidateState | null> {
  const list = { path: '/candidates', query: {}, what: 'candidates' };
  const row = await fetchRow(context, list, candidateRemoteId);
  if (row === null) return null;
  const parsed = candidateSchema.safeParse(row);
  if (!parsed.success) throw unexpected('candidates', 'the candidate cannot be read');
  const { addresses, website_addresses, social_media_addresses } = parsed.data;
  return { record: toCandidate(parsed.data), guard: { addresses, website_addresses, social_media_addresses } };
}

async function write(
  context: GreenhouseContext,
  candidateRemoteId: string,
  current: CandidateState,
  changes: FieldChanges,
): Promise<void> {
  const id = harvestId(candidateRemoteId, 'the candidate');
  const json = bodyOf(current, changes);
  const words = {
    what: 'change the candidate',
    scopes: SCOPES,
    refused: 'It does not take one of the values. Look at the candidate in Greenhouse and enter them there.',
    gone: 'Greenhouse no longer has this candidate, or does not show the person to this connection. Look there.',
  };
  await writeOnce(context, { method: 'PATCH', path: `/candidates/${id}`, json }, words);
}

const CUSTOM = 'customFields.';

function bodyOf(current: CandidateState, changes: FieldChanges): Body {
  const custom = Object.entries(changes).filter(
    ([name]) => name.startsWith(CUSTOM) && !name.slice(CUSTOM.length).includes('.'),
  );
  const others = Object.entries(changes).filter((change) => !custom.some(([name]) => name === change[0]));
  const body = others.map(([name, value]) => {
    const writer = Object.hasOwn(WRITERS, name) ? WRITERS[name] : undefined;
    if (writer !== undefined) return writer(value, current);
    throw refuse(`Greenhouse has no field of a candidate to which "${name}" could be written. Edit it in Greenhouse.`);
  });
  if (custom.length > 0) {
    const named = custom.map(([name, value]) => [name.slice(CUSTOM.length), value]);
    body.push({ custom_fields: writeCustomFields(current.record.customFields, Object.fromEntries(named) as Body) });
  }
  return Object.assign({}, ...body) as Body;
}

type Writer = (value: JsonValue, current: CandidateState) => Body;

const EMAIL_TYPES = ['personal', 'work', 'other'];
const PHONE_TYPES = ['home', 'work', 'mobile', 'skype', 'other'];
const ADDRESS_TYPES = ['home', 'work', 'other'];
const WEBSITE_TYPES = ['personal', 'company', 'portfolio', 'blog', 'other'];

const WRITERS: Readonly<Record<string, Writer>> = {
  firstName: (value) => ({ first_name: demandName(value, 'first') }),
  lastName: (value) => ({ last_name: demandName(value, 'last') }),
  headline: (value) => ({ title: readText(value, 'headline') }),
  company: (value) => ({ company: readText(value, 'company') }),
  emails: (value, { record }) => ({
    email_addresses: typed(readPoints(value, 'emails'), EMAIL_TYPES, record.emails),
  }),
  phones: (value, { record }) => ({
    phone_numbers: typed(readPoints(value, 'phones'), PHONE_TYPES, record.phones),
  }),
  location: (value, { guard }) => ({ addresses: withFirstAddress(readText(value, 'location'), readGuard(guard)) }),
  links: (value, { guard }) => splitLinks(readList(value, 'links'), readGuard(guard)),
  tags: (value) => ({ tags: readList(value, 'tags') }),
  // Read as `private`, written as `is_private`.
  'customFields.candidate.private': (value) => ({ is_private: readFlag(value) }),
};

interface Point {
  readonly value: string;
  readonly type: string | null;
}

/** Greenhouse takes its own types alone; one that it does not know is the present one of the same value, or `other`. */
function typed(wanted: readonly Point[], types: readonly string[], present: readonly Point[]): readonly Body[] {
  return wanted.map(({ value, type }) => {
    const known = [type, present.find((point) => point.value === value)?.type];
    return { value, type: known.find((one) => one != null && types.includes(one)) ?? 'other' };
  });
}

/** The record knows the first address only: the others stay as they are. */
function withFirstAddress(value: string | null, { addresses }: Guard): readonly Body[] {
  const [first, ...others] = filled(addresses);
  if (value !== null) return typed([{ value, type: first?.type ?? 'home' }, ...others], ADDRESS_TYPES, []);
  if (others.length === 0) return [];
  throw refuse(
    'The candidate has several addresses in Greenhouse, and the next one would take the place of the first. Remove them in Greenhouse.',
  );
}

const SOCIAL = /(^|\.)(linkedin\.com|twitter\.com|x\.com|facebook\.com|instagram\.com|xing\.com|mastodon\.social)$/;

/** One list here, two in Greenhouse: who is known stays where they are, who is new goes by the host. */
function splitLinks(links: readonly string[], guard: Guard): Body {
  const sites = filled(guard.website_addresses);
  const social = filled(guard.social_media_addresses);
  const has = (list: readonly Point[], link: string): boolean => list.some(({ value }) => value === link);
  const isSocial = (link: string): boolean =>
    !has(sites, link) && (has(social, link) || (URL.canParse(link) && SOCIAL.test(new URL(link).hostname)));
  const others = links.filter((link) => !isSocial(link)).map((value) => ({ value, type: null }));
  return {
    website_addresses: typed(others, WEBSITE_TYPES, sites),
    social_media_addresses: links.filter(isSocial).map((value) => ({ value })),
  };
}

function filled(list: Guard['addresses']): readonly Point[] {
  return list.flatMap(({ value, type }) => (value === null ? [] : [{ value: value.trim(), type }]));
}

function readGuard(guard: JsonValue): Guard {
  const parsed = guardSchema.safeParse(guard);
  if (parsed.success) return parsed.data;
  throw unexpected('candidates', 'what was read of the candidate before cannot be read again');
}

const text = z.string().trim();
const texts = z.array(text.min(1)).transform((list) => [...new Set(list)]);
const contacts = z.array(z.object({ value: text.min(1), type: text.nullish().transform((type) => type ?? null) }));

function demandName(value: JsonValue, which: 'first' | 'last'): string {
  const name = readText(value, `${which}Name`);
  if (name !== null) return name;
  throw refuse(`Greenhouse wants a ${which} name of every candidate. Enter one.`);
}

function readText(value: JsonValue, field: string): string | null {
  return readAs(text.nullable(), value, field) || null;
}

function readList(value: JsonValue, field: string): readonly string[] {
  return readAs(texts, value ?? [], field);
}

function readPoints(value: JsonValue, field: string): readonly Point[] {
  const list = readAs(contacts, value ?? [], field);
  return list.filter((point, index) => list.findIndex((other) => other.value === point.value) === index);
}

/** Who is not private has no such field here. */
function readFlag(value: JsonValue): boolean {
  return readAs(z.boolean().nullable(), value, 'private') ?? false;
}

function readAs<Value>(schema: z.ZodType<Value>, value: JsonValue, field: string): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(`The new value of "${field}" has not the form that the field has. Enter it again.`);
}

const refuse = (sentence: string): ProviderFault => new ProviderFault('invalid-request', sentence);
