import { z } from 'zod';
import { ANONYMIZABLE_FIELDS } from '../changes/anonymizing.js';
import type { CandidateRow } from '../data/rows.js';
import type { GreenhouseAccount } from '../greenhouse-account.js';
import { notFound } from './harvest-error.js';
import { parseBody as parse } from './parse-body.js';
import { customFieldsSchema, readCustomFields } from './write-custom-fields.js';
import type { WriteEndpoint } from './write-endpoint.js';

const typed = (...types: readonly [string, ...string[]]): z.ZodType<readonly { value: string; type: string }[]> =>
  z.array(z.strictObject({ value: z.string(), type: z.enum(types) }));

const candidateSchema = z.strictObject({
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  preferred_name: z.string().nullable().optional(),
  company: z.string().nullable().optional(),
  title: z.string().nullable().optional(),
  time_zone: z.string().nullable().optional(),
  is_private: z.boolean().optional(),
  can_email: z.boolean().optional(),
  email_addresses: typed('personal', 'work', 'other').optional(),
  phone_numbers: typed('home', 'work', 'mobile', 'skype', 'other').optional(),
  addresses: typed('home', 'work', 'other').optional(),
  website_addresses: typed('personal', 'company', 'portfolio', 'blog', 'other').optional(),
  social_media_addresses: z.array(z.strictObject({ value: z.string() })).optional(),
  tags: z.array(z.string()).optional(),
  linked_user_ids: z.array(z.int()).optional(),
  custom_fields: customFieldsSchema.optional(),
});

const mergeSchema = z.strictObject({ secondary_candidate_id: z.int() });
const anonymizeSchema = z.strictObject({ fields: z.array(z.enum(ANONYMIZABLE_FIELDS)).min(1) });

/** Harvest v3 docs, Candidates. Which status merging and anonymizing answer with is not documented. */
export const CANDIDATE_WRITES: readonly WriteEndpoint[] = [
  {
    method: 'patch',
    path: '/candidates/:id',
    scope: 'harvest:candidates:update',
    perform: (account, id, body) => {
      knownCandidate(account, id);
      const { is_private: isPrivate, custom_fields: fields, ...set } = parse(candidateSchema, body);
      // Lists and the custom fields are replaced as a whole, not merged.
      account.actions.records.editCandidate(id, {
        ...(set as Partial<CandidateRow>),
        ...(isPrivate === undefined ? {} : { private: isPrivate }),
        ...(fields === undefined ? {} : { custom_fields: readCustomFields('candidate', fields) }),
      });
      return account.store.candidates.byId(id);
    },
  },
  {
    method: 'delete',
    path: '/candidates/:id',
    scope: 'harvest:candidates:destroy',
    perform: (account, id) => {
      knownCandidate(account, id);
      account.actions.records.deleteCandidate(id);
      return { message: `Candidate ${id} deleted successfully` };
    },
  },
  {
    method: 'post',
    path: '/candidates/:id/merge',
    scope: 'harvest:candidates:merge',
    status: 201,
    perform: (account, id, body) => {
      const { secondary_candidate_id: secondary } = parse(mergeSchema, body);
      knownCandidate(account, id);
      knownCandidate(account, secondary);
      account.actions.records.merge(id, secondary);
      return account.store.candidates.byId(id);
    },
  },
  {
    method: 'patch',
    path: '/candidates/:id/anonymize',
    scope: 'harvest:candidates:anonymize',
    perform: (account, id, body) => {
      const { fields } = parse(anonymizeSchema, body);
      knownCandidate(account, id);
      account.actions.records.anonymize(id, fields);
      return account.store.candidates.byId(id);
    },
  },
];

function knownCandidate({ store }: GreenhouseAccount, id: number): void {
  const person = store.candidates.byId(id);
  if (person === undefined || person.private === true) throw notFound();
}
