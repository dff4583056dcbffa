import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderPage } from '../contract/page.js';
import type { CandidateRecord, ProviderRecord, RecordKind } from '../contract/records.js';
import { query } from '../database/query.js';
import { readCandidate } from '../records/read-candidates.js';
import { withFieldsOf } from './field-values.js';

interface LatePage {
  readonly page: Pick<ProviderPage, 'records'>;
  /** What was here of it, by kind and remote id. */
  readonly known: ReadonlyMap<RecordKind, ReadonlyMap<string, unknown>>;
  readonly askedAt: Date;
}

/**
 * A page that was asked for before we wrote a field, and is committed after that was read back, knows less than we do. Of
 * a person whose last change the ATS does not date nothing else tells: such a field is left as it is here.
 */
export async function keepReadBack(
  em: EntityManager,
  connectionId: string,
  { page: { records }, known, askedAt }: LatePage,
): Promise<readonly ProviderRecord[]> {
  const here = known.get('candidate');
  const undated = records.flatMap(({ kind, remoteId, updatedAt }) =>
    kind === 'candidate' && updatedAt === null && here?.has(remoteId) === true ? [remoteId] : [],
  );
  if (undated.length === 0) return records;
  const rows = await query<{ remote_id: string; id: string; fields: string[] }>(
    em,
    `select w.remote_id, t.id, jsonb_agg(distinct w.field) as fields
     from ats.own_writes w join ats.candidates t on t.connection_id = w.connection_id and t.remote_id = w.remote_id
     where w.connection_id = $1 and w.kind = 'candidate' and w.remote_id = any($2) and w.seen_at is null and w.overtaken_at is null
       and w.confirmed_at >= $3
     group by w.remote_id, t.id`,
    [connectionId, undated, askedAt],
  );
  if (rows.length === 0) return records;
  const kept = new Map<string, { readonly stored: CandidateRecord; readonly fields: readonly string[] }>();
  for (const { remote_id: remoteId, id, fields } of rows) {
    const stored = await readCandidate(em, id);
    if (stored !== null) kept.set(remoteId, { stored, fields });
  }
  return records.map((record) => {
    const known = record.kind === 'candidate' ? kept.get(record.remoteId) : undefined;
    if (record.kind !== 'candidate' || known === undefined || record.anonymised) return record;
    return withFieldsOf(record, known.stored, known.fields);
  });
}
