import type { PipelineBatch } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { boundQuery } from '../database/bound-query.js';

const SQL = `
insert into elly.resumes (candidate_id, reference, filename, content_type, size)
select candidate.id, given.reference, given.filename, given.content_type, given.size
  from jsonb_to_recordset($1::jsonb) as given(candidate_id uuid, reference text, filename text, content_type text, size bigint)
  join elly.candidates candidate on candidate.ats_record_id = given.candidate_id and candidate.workspace_id = $2
on conflict (candidate_id) do update
   set reference = excluded.reference, filename = excluded.filename, content_type = excluded.content_type, size = excluded.size,
       stored_at = now()`;

/** One résumé for each candidate; where a batch brings several, the last one stays. */
export async function importResumes(batch: PipelineBatch, em: EntityManager): Promise<void> {
  const newest = new Map(batch.resumes.map((resume) => [resume.candidateId, resume]));
  const rows = [...newest.values()].map((resume) => ({
    candidate_id: resume.candidateId,
    reference: resume.reference,
    filename: resume.filename,
    content_type: resume.contentType,
    size: resume.size,
  }));
  const { affected } = await boundQuery(em, SQL, [JSON.stringify(rows), batch.workspaceId]);
  if (affected !== rows.length)
    throw new Error(`${rows.length - affected} of ${rows.length} résumés belong to no candidate that was imported.`);
}
