import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import type { BuriedRecord } from './buried-record.js';
import { eraseWrites } from './erase-writes.js';

const NOTHING_PERSONAL = `name = '', first_name = null, last_name = null, emails = '[]', phones = '[]', headline = null,
       company = null, location = null, links = '[]', tags = '[]', url = null, custom_fields = '{}', anonymised = true, hash = ''`;

/**
 * The ATS anonymised these people: nothing personal is kept here either. Their rows stay so that numbers remain true; files are destroyed
 * behind the transaction. Whom the ATS goes on showing comes back, without what it erased, with their next page.
 */
export async function eraseCandidates(
  em: EntityManager,
  connectionId: string,
  remoteIds: readonly string[],
  now: Date,
): Promise<BuriedRecord[]> {
  if (remoteIds.length === 0) return [];
  const erased = await query<{ id: string }>(
    em,
    `update ats.candidates set ${NOTHING_PERSONAL}, tombstone = 'anonymised', tombstoned_at = $3, changed_at = now()
     where connection_id = $1 and remote_id = any($2) and tombstone is distinct from 'anonymised' returning id`,
    [connectionId, remoteIds, now],
  );
  // Whoever was merged into one of them is the same person.
  await execute(
    em,
    `update ats.candidates set ${NOTHING_PERSONAL}, changed_at = now()
     where connection_id = $1 and merged_into = any($2) and not anonymised`,
    [connectionId, remoteIds],
  );
  await eraseFiles(em, connectionId, remoteIds);
  return erased.map(({ id }) => ({ kind: 'candidate', id, tombstone: 'anonymised', intoId: null }));
}

/** What was kept of a person beside their row and is erased now. */
export interface ErasedBelonging {
  readonly kind: 'application' | 'resume';
  readonly id: string;
  readonly remoteId: string;
  /** Of a résumé whose file was kept: what the file store knows it by. */
  readonly reference: string | null;
}

/** Answers of application forms, the files of these people and what is kept of writes about them. */
export async function eraseFiles(
  em: EntityManager,
  connectionId: string,
  remoteIds: readonly string[],
): Promise<ErasedBelonging[]> {
  if (remoteIds.length === 0) return [];
  await eraseWrites(em, connectionId, remoteIds);
  const answers = await query<ErasedBelonging>(
    em,
    `update ats.applications set custom_fields = '{}', hash = '', changed_at = now()
     where connection_id = $1 and candidate_remote_id = any($2) and custom_fields::text <> '{}'
     returning 'application' as kind, id, remote_id as "remoteId", null as reference`,
    [connectionId, remoteIds],
  );
  const files = await query<ErasedBelonging>(
    em,
    `with erased as (
       update ats.resumes r set tombstone = 'anonymised', tombstoned_at = now(), filename = '', locator = 'null', hash = '',
         file_state = 'gone', file_reference = null, file_note = null, changed_at = now()
       from (select remote_id, file_reference from ats.resumes
             where connection_id = $1 and candidate_remote_id = any($2) for update) as before
       where r.connection_id = $1 and r.remote_id = before.remote_id and r.tombstone is distinct from 'anonymised'
       returning r.id, r.remote_id, before.file_reference),
     removed as (
       insert into ats.file_removals (reference) select file_reference from erased where file_reference is not null)
     select 'resume' as kind, id, remote_id as "remoteId", file_reference as reference from erased`,
    [connectionId, remoteIds],
  );
  return [...answers, ...files];
}
