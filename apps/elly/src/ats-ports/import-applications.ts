import type { PipelineBatch } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { boundQuery } from '../database/bound-query.js';

// A correction stays until somebody moves the application again.
// The joins stand in for foreign keys: an application whose candidate or job is missing is not written, and the caller notices.
const SQL = `
insert into elly.applications as kept (id, workspace_id, candidate_id, job_id, stage_id, status, status_reason, placement,
                                       correction, source, ats_record_id, applied_at, moved_at)
select given.id, $2, candidate.id, job.id, given.stage_id, given.status, given.status_reason, given.placement,
       given.correction, 'ats', given.ats_record_id, given.applied_at, coalesce(given.moved_at, now())
  from jsonb_to_recordset($1::jsonb) as given(id uuid, ats_record_id uuid, candidate_id uuid, job_id uuid, stage_id uuid, status text,
                                              status_reason text, placement text, correction text, applied_at timestamptz, moved_at timestamptz)
  join elly.candidates candidate on candidate.ats_record_id = given.candidate_id and candidate.workspace_id = $2
  left join elly.jobs job on job.ats_record_id = given.job_id and job.workspace_id = $2
 where given.job_id is null or job.id is not null
on conflict (ats_record_id) do update
   set candidate_id = excluded.candidate_id, job_id = excluded.job_id, stage_id = excluded.stage_id, status = excluded.status,
       status_reason = excluded.status_reason, placement = excluded.placement, applied_at = excluded.applied_at, gone = null,
       correction = coalesce(excluded.correction, kept.correction),
       moved_at = case when kept.stage_id is distinct from excluded.stage_id then excluded.moved_at else kept.moved_at end
 where kept.workspace_id = excluded.workspace_id`;

export async function importApplications(batch: PipelineBatch, em: EntityManager): Promise<number> {
  const rows = batch.applications.map(({ id, record, candidateId, jobId, placement, correction }) => ({
    id: uuidv7(),
    ats_record_id: id,
    candidate_id: candidateId,
    job_id: jobId,
    stage_id: placement?.stageId ?? null,
    status: record.status,
    status_reason: record.statusReason,
    placement: placement?.how ?? null,
    correction: correction?.message ?? null,
    applied_at: record.appliedAt,
    moved_at: record.stageChangedAt,
  }));
  const { affected } = await boundQuery(em, SQL, [JSON.stringify(rows), batch.workspaceId]);
  return affected;
}
