import type { StageStayRecord } from '../../contract.js';
import type { GreenhouseApplicationStage } from './api.schemas.js';

/**
 * A row of `application_stages` (Harvest v3 docs, List application stages). Null when it names no stage of a job: then it says
 * nothing that can be kept. There is one row for each stage of an application, not one for each move: who returns to a stage
 * finds its row anew, so a row that changed replaces what was kept of it. Who moved the application it does not say.
 */
export function toStageStay(row: GreenhouseApplicationStage): StageStayRecord | null {
  if (row.job_interview_stage_id === null) return null;
  return {
    kind: 'stage-stay',
    // The row's own id; while the application is in the stage it is `stage_id` of the application.
    remoteId: row.id,
    updatedAt: row.updated_at,
    applicationRemoteId: row.application_id,
    stageRemoteId: row.job_interview_stage_id,
    // Null where Greenhouse does not know, as for history that was filled in later.
    enteredAt: row.entered_at,
    leftAt: row.exited_at,
    movedByRemoteId: null,
  };
}
