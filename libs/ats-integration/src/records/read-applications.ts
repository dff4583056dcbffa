import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApplicationRecord, ApplicationStatus, CustomFields } from '../contract/records.js';
import { query } from '../database/query.js';

export interface StoredApplication {
  readonly id: string;
  readonly record: ApplicationRecord;
  readonly hostStageId: string | null;
  readonly placedHow: string | null;
}

interface ApplicationRow {
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
  );
  return rows.map(toStored);
}

function toStored(row: ApplicationRow): StoredApplication {
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
