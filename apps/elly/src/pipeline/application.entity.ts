import type { Placement } from '@elly/ats-integration';
import type { ApplicationStatus, Tombstone } from '@elly/ats-integration/contract';
import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Source } from '../jobs/job.entity.js';

/** A candidate in the pipeline of a job. The constructor makes one by hand; imported ones are written by `ats-ports/import-applications.ts`. */
export class Application {
  readonly id: string = uuidv7();
  readonly workspaceId: string;
  readonly candidateId: string;
  /** Null for a prospect: a person who has not applied to a job. */
  readonly jobId: string | null;
  /** Null when nobody could say where it stands. */
  stageId: string | null;
  status: ApplicationStatus = 'active';
  readonly statusReason: string | null = null;
  /** Why an imported application stands where it does; null for one made by hand. */
  readonly placement: Placement['how'] | null = null;
  /** Why the ATS did not take its last move; null when there is nothing to say. */
  readonly correction: string | null = null;
  readonly source: Source = 'manual';
  readonly atsRecordId: string | null = null;
  /** What became of it in its ATS, when it is no longer there. */
  readonly gone: Tombstone | null = null;
  readonly appliedAt: Date | null = new Date();
  /** When it came to its present stage. */
  movedAt: Date = new Date();

  constructor(values: {
    readonly workspaceId: string;
    readonly candidateId: string;
    readonly jobId: string;
    readonly stageId: string;
  }) {
    this.workspaceId = values.workspaceId;
    this.candidateId = values.candidateId;
    this.jobId = values.jobId;
    this.stageId = values.stageId;
  }
}

export const ApplicationSchema = defineEntity({
  class: Application,
  tableName: 'applications',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    workspaceId: p.uuid(),
    candidateId: p.uuid(),
    jobId: p.uuid().nullable(),
    stageId: p.uuid().nullable(),
    status: p.text().$type<ApplicationStatus>(),
    statusReason: p.text().nullable(),
    placement: p.text().$type<Placement['how']>().nullable(),
    correction: p.text().nullable(),
    source: p.text().$type<Source>(),
    atsRecordId: p.uuid().nullable(),
    gone: p.text().$type<Tombstone>().nullable(),
    appliedAt: p.datetime().nullable(),
    movedAt: p.datetime(),
  }),
});
