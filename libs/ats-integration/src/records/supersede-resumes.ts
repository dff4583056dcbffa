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
    // Ranked among themselves by the index on the candidate: a self-join here reads the whole table while it grows.
    `update ats.resumes r set file_state = 'superseded'
     from (
       select remote_id, row_number() over (
         partition by candidate_remote_id
         order by coalesce(uploaded_at, to_timestamp(0)) desc, version desc, remote_id desc) as nth
       from ats.resumes where connection_id = $1 and candidate_remote_id = any($2) and tombstone is null
     ) ranked
     where ranked.nth > 1 and r.connection_id = $1 and r.remote_id = ranked.remote_id and r.file_state <> 'superseded'`,
    [connectionId, [...new Set(changed.map((resume) => resume.candidateRemoteId))]],
  );
}
