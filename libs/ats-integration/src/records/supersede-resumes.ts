import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';

/** A person has one résumé here, the newest; older ones of these people are not fetched and not shown. */
export async function supersedeResumes(
  em: EntityManager,
  connectionId: string,
  changed: readonly { readonly candidateRemoteId: string }[],
): Promise<void> {
  if (changed.length === 0) return;
  await execute(
    em,
    `update ats.resumes r set file_state = 'superseded'
     where r.connection_id = $1 and r.candidate_remote_id = any($2) and r.file_state <> 'superseded' and exists (
       select 1 from ats.resumes n where n.connection_id = r.connection_id and n.candidate_remote_id = r.candidate_remote_id
         and n.tombstone is null
         and (coalesce(n.uploaded_at, to_timestamp(0)), n.version, n.remote_id) > (coalesce(r.uploaded_at, to_timestamp(0)), r.version, r.remote_id))`,
    [connectionId, [...new Set(changed.map((resume) => resume.candidateRemoteId))]],
  );
}
