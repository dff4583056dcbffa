import { HOST_STAGE_KINDS } from '@elly/ats-integration';
import { z } from 'zod';

const name = z.string().trim().min(1).max(80);

export const stageView = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(HOST_STAGE_KINDS),
  /** Order in the pipeline; smaller is earlier. */
  position: z.number().int(),
});
export type StageView = z.output<typeof stageView>;
export const stageList = z.object({ items: z.array(stageView) });
export type StageList = z.output<typeof stageList>;

/** A new stage goes to the end; `PUT stages/order` moves it. */
export const addStageBody = z.strictObject({ name, kind: z.enum(HOST_STAGE_KINDS) });
export type AddStageBody = z.output<typeof addStageBody>;

export const renameStageBody = z.strictObject({ name });
export type RenameStageBody = z.output<typeof renameStageBody>;

/** Every stage of the workspace, once, in the new order. */
export const orderStagesBody = z.strictObject({ ids: z.array(z.uuid()).min(1).max(200) });
export type OrderStagesBody = z.output<typeof orderStagesBody>;
