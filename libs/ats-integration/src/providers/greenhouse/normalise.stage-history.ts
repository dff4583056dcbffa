import type { GreenhouseApplicationStage } from './api.schemas.js';

/** A stage that an application was or is in. */
export interface StageStay {
  /** The row's own id; while the application is in the stage it is `stage_id` of the application. */
  readonly remoteId: string;
  readonly updatedAt: Date | null;
  readonly applicationRemoteId: string;
  readonly stageRemoteId: string;
  /** Null where Greenhouse does not know, as for history that was filled in later. */
  readonly enteredAt: Date | null;
  readonly exitedAt: Date | null;
  readonly current: boolean;
}

/**
 * A row of `application_stages` (Harvest v3 docs, List application stages). Null when it names no stage of a job: then it says
 * nothing that can be kept. There is one row for each stage of an application, not one for each move: who returns to a stage
 * finds its row anew, so a row that changed replaces what was kept of it.
 */
export function toStageStay(row: GreenhouseApplicationStage): StageStay | null {
  if (row.job_interview_stage_id === null) return null;
  return {
    remoteId: row.id,
    updatedAt: row.updated_at,
    applicationRemoteId: row.application_id,
    stageRemoteId: row.job_interview_stage_id,
    enteredAt: row.entered_at,
    exitedAt: row.exited_at,
    // History can leave several that call themselves current: one that was left is not.
    current: row.current === true && row.exited_at === null,
  };
}
