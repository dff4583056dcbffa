import type { EntityManager } from '@mikro-orm/postgresql';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { CandidateRecord } from '../contract/records.js';
import type { Tombstone } from '../contract/tombstone.js';
import { query } from '../database/query.js';
import { CANDIDATE_COLUMNS, toCandidateRecord } from '../records/read-candidates.js';
import type { CandidateRow } from '../records/read-candidates.js';

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

interface StoredRow extends CandidateRow {
  readonly id: string;
  readonly tombstone: Tombstone | null;
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
  const rows = await query<StoredRow>(
    em,
    `select t.id, t.tombstone, ${CANDIDATE_COLUMNS}, t.connection_id, c.workspace_id, c.provider, c.settings
     from unnest($2::uuid[]) as given(id) join ats.candidates t on t.id = given.id
     join ats.connections c on c.id = t.connection_id and c.workspace_id = $1`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [row.id, toStored(row)]));
}

function toStored(row: StoredRow): StoredCandidate {
  return {
    id: row.id,
    tombstone: row.tombstone,
    record: toCandidateRecord(row),
    connection: {
      id: row.connection_id,
      workspaceId: row.workspace_id,
      provider: row.provider,
      settings: row.settings,
    },
  };
}
