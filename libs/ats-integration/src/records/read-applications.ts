import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApplicationRecord, ApplicationStatus, CustomFields } from '../contract/records.js';
import { query } from '../database/query.js';

export interface StoredApplication {
  readonly id: string;
  readonly record: ApplicationRecord;
  readonly hostStageId: string | null;
  readonly placedHow: string | null;
}

export interface ApplicationRow {
  readonly id: string;
  readonly remote_id: string;
  readonly version: number;
  readonly candidate_remote_id: string;
  readonly job_remote_id: string | null;
  readonly stage_remote_id: string | null;
  readonly stage_name: string | null;
  readonly status: ApplicationStatus;
  readonly status_reason: string | null;
  readonly applied_at: Date | null;
  readonly stage_changed_at: Date | null;
  readonly source: string | null;
  readonly owner_remote_id: string | null;
  readonly custom_fields: CustomFields;
  readonly host_stage_id: string | null;
  readonly placed_how: string | null;
}

/** Living applications of these candidates, for giving them to the host when their candidate arrives after them. */
export async function readApplicationsOf(
  em: EntityManager,
  connectionId: string,
  candidateRemoteIds: readonly string[],
): Promise<StoredApplication[]> {
  if (candidateRemoteIds.length === 0) return [];
  const rows = await query<ApplicationRow>(
    em,
    `select id, remote_id, version::float8 as version, candidate_remote_id, job_remote_id, stage_remote_id, stage_name, status,
            status_reason, applied_at, stage_changed_at, source, owner_remote_id, custom_fields, host_stage_id, placed_how
     from ats.applications where connection_id = $1 and candidate_remote_id = any($2) and tombstone is null`,
    [connectionId, candidateRemoteIds],
    ['applied_at', 'stage_changed_at'],
  );
  return rows.map(toStored);
}

export interface DeliveredApplication extends StoredApplication {
  /** Library ids. */
  readonly candidateId: string;
  readonly jobId: string | null;
}

export const DELIVERED = `select a.id, a.connection_id, a.remote_id, a.version::float8 as version, a.candidate_remote_id, a.job_remote_id, a.stage_remote_id, a.stage_name,
            a.status, a.status_reason, a.applied_at, a.stage_changed_at, a.source, a.owner_remote_id, a.custom_fields, a.host_stage_id,
            a.placed_how, c.id as candidate_id, j.id as job_id
     from ats.applications a
     join ats.candidates c on c.connection_id = a.connection_id and c.remote_id = a.candidate_remote_id
     left join ats.jobs j on j.connection_id = a.connection_id and j.remote_id = a.job_remote_id`;

/** One application by its library id, whatever became of it since; null when its candidate is not here. */
export async function readApplication(em: EntityManager, id: string): Promise<DeliveredApplication | null> {
  const [row] = await query<ApplicationRow & { candidate_id: string; job_id: string | null }>(
    em,
    `${DELIVERED} where a.id = $1`,
    [id],
    ['applied_at', 'stage_changed_at'],
  );
  return row === undefined ? null : { ...toStored(row), candidateId: row.candidate_id, jobId: row.job_id };
}

/** Living applications whose candidate is here too, in the order of their remote ids, from behind `after`. */
export async function readApplicationsPage(
  em: EntityManager,
  connectionId: string,
  after: string,
  limit: number,
): Promise<DeliveredApplication[]> {
  const rows = await query<ApplicationRow & { candidate_id: string; job_id: string | null }>(
    em,
    `${DELIVERED}
     where a.connection_id = $1 and a.remote_id > $2 and a.tombstone is null order by a.remote_id limit $3`,
    [connectionId, after, limit],
    ['applied_at', 'stage_changed_at'],
  );
  return rows.map((row) => ({ ...toStored(row), candidateId: row.candidate_id, jobId: row.job_id }));
}

export function toStored(row: ApplicationRow): StoredApplication {
  return {
    id: row.id,
    hostStageId: row.host_stage_id,
    placedHow: row.placed_how,
    record: {
      kind: 'application',
      remoteId: row.remote_id,
      updatedAt: row.version === 0 ? null : new Date(row.version),
      candidateRemoteId: row.candidate_remote_id,
      jobRemoteId: row.job_remote_id,
      stageRemoteId: row.stage_remote_id,
      stageName: row.stage_name,
      status: row.status,
      statusReason: row.status_reason,
      appliedAt: row.applied_at,
      stageChangedAt: row.stage_changed_at,
      source: row.source,
      ownerRemoteId: row.owner_remote_id,
      customFields: row.custom_fields,
    },
  };
}
