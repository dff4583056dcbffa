import type { EntityManager } from '@mikro-orm/postgresql';
import type { CandidateRecord, ContactPoint, CustomFields } from '../contract/records.js';
import { query } from '../database/query.js';

interface CandidateRow {
  readonly remote_id: string;
  readonly version: number;
  readonly name: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly emails: readonly ContactPoint[];
  readonly phones: readonly ContactPoint[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly location: string | null;
  readonly links: readonly string[];
  readonly tags: readonly string[];
  readonly anonymised: boolean;
  readonly url: string | null;
  readonly custom_fields: CustomFields;
}

/** One candidate by its library id as it is kept, whatever became of it since. */
export async function readCandidate(em: EntityManager, id: string): Promise<CandidateRecord | null> {
  const [row] = await query<CandidateRow>(
    em,
    `select remote_id, version::float8 as version, name, first_name, last_name, emails, phones, headline, company, location, links, tags,
       anonymised, url, custom_fields
     from ats.candidates where id = $1`,
    [id],
  );
  if (row === undefined) return null;
  return {
    kind: 'candidate',
    remoteId: row.remote_id,
    updatedAt: row.version === 0 ? null : new Date(row.version),
    name: row.name,
    firstName: row.first_name,
    lastName: row.last_name,
    emails: row.emails,
    phones: row.phones,
    headline: row.headline,
    company: row.company,
    location: row.location,
    links: row.links,
    tags: row.tags,
    anonymised: row.anonymised,
    url: row.url,
    customFields: row.custom_fields,
  };
}
