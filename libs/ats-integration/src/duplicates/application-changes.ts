import type { ApplicationChange, Placement, ResumeChange } from '../host/hiring-pipeline.port.js';
import type { DeliveredApplication } from '../records/read-applications.js';
import type { StoredResume } from '../records/read-belongings.js';

/** An application as it is kept, for the person that it belongs to now. */
export function applicationChange(stored: DeliveredApplication, personId: string): ApplicationChange {
  const { id, record, jobId, hostStageId, placedHow } = stored;
  const placement: Placement | null =
    hostStageId === null ? null : { stageId: hostStageId, how: (placedHow ?? 'nearest') as Placement['how'] };
  return { id, created: false, record, candidateId: personId, jobId, placement, correction: null };
}

export function resumeChange({ filename, contentType, size, reference }: StoredResume, personId: string): ResumeChange {
  return { candidateId: personId, filename, contentType, size, reference };
}
