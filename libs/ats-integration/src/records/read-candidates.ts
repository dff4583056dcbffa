import type { EntityManager } from '@mikro-orm/postgresql';
import type { CandidateRecord, ContactPoint, CustomFields } from '../contract/records.js';
import { query } from '../database/query.js';

export interface CandidateRow {
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

/** Of `ats.candidates` as `t`: what `toCandidateRecord` reads. */
export const CANDIDATE_COLUMNS = `t.remote_id, t.version::float8 as version, t.name, t.first_name, t.last_name, t.emails, t.phones,
  t.headline, t.company, t.location, t.links, t.tags, t.anonymised, t.url, t.custom_fields`;

/** One candidate by its library id as it is kept, whatever became of it since. */
export async function readCandidate(em: EntityManager, id: string): Promise<CandidateRecord | null> {
  const [row] = await query<CandidateRow>(em, `select ${CANDIDATE_COLUMNS} from ats.candidates t where t.id = $1`, [
    id,
  ]);
  return row === undefined ? null : toCandidateRecord(row);
}

export function toCandidateRecord(row: CandidateRow): CandidateRecord {
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
