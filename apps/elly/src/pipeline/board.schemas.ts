import { CHANGE_STATUSES } from '@elly/ats-integration';
import { APPLICATION_STATUSES } from '@elly/ats-integration/contract';
import { z } from 'zod';
import { SOURCES } from '../jobs/job.entity.js';
import { stageView } from './stage.schemas.js';

/** The first page of every stage, or, with `stageId` and `cursor`, the next page of one. */
export const boardQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    stageId: z.uuid().optional(),
    cursor: z.uuid().optional(),
  })
  .refine(
    ({ stageId, cursor }) => cursor === undefined || stageId !== undefined,
    'a cursor belongs to one stage: give stageId too',
  );
export type BoardQuery = z.output<typeof boardQuery>;

export const cardView = z.object({
  applicationId: z.uuid(),
  candidateId: z.uuid(),
  candidateName: z.string(),
  headline: z.string().nullable(),
  status: z.enum(APPLICATION_STATUSES),
  /** Why an imported application stands here: `mapped`, `suggested`, `nearest` or `status`; null for one made by hand. */
  placement: z.string().nullable(),
  /** Its last move on the way to the ATS; null when nobody moved it here. */
  stageChange: z.object({ id: z.uuid(), status: z.enum(CHANGE_STATUSES), reason: z.string().nullable() }).nullable(),
  /** Why the ATS did not take its last move, for whoever moved it. */
  correction: z.string().nullable(),
  source: z.enum(SOURCES),
  movedAt: z.iso.datetime(),
});
export type CardView = z.output<typeof cardView>;

export const boardView = z.object({
  job: z.object({ id: z.uuid(), title: z.string() }),
  stages: z.array(
    stageView.extend({
      /** All applications of the job at this stage, shown or not. */
      total: z.number().int(),
      applications: z.array(cardView),
      next: z.uuid().nullable(),
    }),
  ),
});
export type BoardView = z.output<typeof boardView>;

export const pipelineSummary = z.object({
  stages: z.array(stageView.extend({ applications: z.number().int(), imported: z.number().int() })),
  /** Applications that stand at no stage. */
  unplaced: z.number().int(),
  total: z.number().int(),
});
export type PipelineSummary = z.output<typeof pipelineSummary>;

export const moveApplicationBody = z.strictObject({
  stageId: z.uuid(),
  /** For a stage that rejects: one of the ATS's reasons, and a note. */
  rejection: z
    .strictObject({
      reasonRemoteId: z.string().min(1).max(256).nullable().default(null),
      note: z.string().max(4000).nullable().default(null),
    })
    .optional(),
});
export type MoveApplicationBody = z.output<typeof moveApplicationBody>;
