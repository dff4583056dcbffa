import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApplicationRecord } from '../contract/records.js';
import type { ApplicationState } from '../contract/stage-change.js';
import { readApplication } from '../records/read-applications.js';
import type { DeliveredApplication } from '../records/read-applications.js';
import { readKnown, upsertRecords } from '../records/upsert-records.js';
import { isSamePlace, standingOf } from './standing.js';

/**
 * Keeps what the ATS said of an application just now, unless something newer is here already. Returns the row as it is
 * then; null when its candidate is not here, so the host does not know it.
 */
export async function storeState(
  em: EntityManager,
  connectionId: string,
  applicationId: string,
  state: ApplicationState | null,
): Promise<DeliveredApplication | null> {
  const stored = await readApplication(em, applicationId);
  if (stored === null || state === null) return stored;
  const record = withState(stored.record, state);
  const known = await readKnown(em, 'application', connectionId, [record.remoteId]);
  await upsertRecords(em, 'application', connectionId, [record], known, {
    derive: () => ({ host_stage_id: stored.hostStageId, placed_how: stored.placedHow }),
  });
  return readApplication(em, applicationId);
}

function withState(record: ApplicationRecord, state: ApplicationState): ApplicationRecord {
  const moved = !isSamePlace(standingOf(record), standingOf(state));
  return {
    ...record,
    status: state.status,
    stageRemoteId: state.stageRemoteId,
    stageName: state.stageName,
    jobRemoteId: state.jobRemoteId ?? record.jobRemoteId,
    updatedAt: state.updatedAt ?? record.updatedAt,
    stageChangedAt: moved ? (state.updatedAt ?? record.stageChangedAt) : record.stageChangedAt,
    // In the ATS's words; the next page brings them.
    statusReason: moved ? null : record.statusReason,
  };
}
