import type { EntityManager } from '@mikro-orm/postgresql';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { CandidateRecord, ContactPoint, CustomFields } from '../contract/records.js';
import type { Tombstone } from '../contract/tombstone.js';
import { query } from '../database/query.js';

export interface StoredCandidate {
  readonly id: string;
  readonly tombstone: Tombstone | null;
  readonly record: CandidateRecord;
  readonly connection: {
    readonly id: string;
    readonly workspaceId: string;
    readonly provider: string;
    readonly settings: ConnectionSettings;
  };
}

interface CandidateRow {
  readonly id: string;
  readonly tombstone: Tombstone | null;
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
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly settings: ConnectionSettings;
}

/** Candidates of one workspace by their library ids, whatever became of them; another workspace's are not found. */
export async function readCandidates(
  em: EntityManager,
  workspaceId: string,
  ids: readonly string[],
): Promise<Map<string, StoredCandidate>> {
  if (ids.length === 0) return new Map();
  const rows = await query<CandidateRow>(
    em,
    `select t.id, t.tombstone, t.remote_id, t.version::float8 as version, t.name, t.first_name, t.last_name, t.emails, t.phones,
       t.headline, t.company, t.location, t.links, t.tags, t.anonymised, t.url, t.custom_fields, t.connection_id, c.workspace_id,
       c.provider, c.settings
     from unnest($2::uuid[]) as given(id) join ats.candidates t on t.id = given.id
     join ats.connections c on c.id = t.connection_id and c.workspace_id = $1`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [row.id, toStored(row)]));
}

function toStored(row: CandidateRow): StoredCandidate {
  return {
    id: row.id,
    tombstone: row.tombstone,
    record: {
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
    },
    connection: {
      id: row.connection_id,
      workspaceId: row.workspace_id,
      provider: row.provider,
      settings: row.settings,
    },
  };
}
