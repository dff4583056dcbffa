import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import { DELIVERED, toStored } from './read-applications.js';
import type { ApplicationRow, DeliveredApplication } from './read-applications.js';

export type OwnedApplication = DeliveredApplication & { readonly connectionId: string };

/** Living applications of these candidates, by library ids. */
export async function readApplicationsOfPeople(
  em: EntityManager,
  candidateIds: readonly string[],
): Promise<OwnedApplication[]> {
  if (candidateIds.length === 0) return [];
  const rows = await query<ApplicationRow & { candidate_id: string; job_id: string | null; connection_id: string }>(
    em,
    `select owned.* from unnest($1::uuid[]) as given(id) cross join lateral (
       ${DELIVERED} where c.id = given.id and a.tombstone is null) owned order by owned.id`,
    [candidateIds],
    ['applied_at', 'stage_changed_at'],
  );
  return rows.map((row) => ({
    ...toStored(row),
    candidateId: row.candidate_id,
    jobId: row.job_id,
    connectionId: row.connection_id,
  }));
}

export interface StoredResume {
  readonly connectionId: string;
  readonly candidateId: string;
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  readonly reference: string;
}

/** Files of these candidates that the host has, the newest last. */
export function readResumesOfPeople(em: EntityManager, candidateIds: readonly string[]): Promise<StoredResume[]> {
  if (candidateIds.length === 0) return Promise.resolve([]);
  return query<StoredResume>(
    em,
    `select r.connection_id as "connectionId", c.id as "candidateId", r.filename, coalesce(r.file_type, 'application/octet-stream') as "contentType",
       coalesce(r.file_size, 0)::float8 as size, r.file_reference as reference
     from unnest($1::uuid[]) as given(id) join ats.candidates c on c.id = given.id
     join ats.resumes r on r.connection_id = c.connection_id and r.candidate_remote_id = c.remote_id
     where r.file_state = 'stored' and r.tombstone is null and r.file_reference is not null
     order by r.uploaded_at nulls first, r.id`,
    [candidateIds],
  );
}
