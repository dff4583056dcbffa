import { z } from 'zod';
import { PLANS } from './plan.js';

export const putPlanBody = z.strictObject({ plan: z.enum(PLANS) });
export type PutPlanBody = z.output<typeof putPlanBody>;

export const workspaceView = z.object({
  id: z.uuid(),
  name: z.string(),
  plan: z.object({
    id: z.enum(PLANS),
    name: z.string(),
    /** How many ATS connections may be active at once. */
    connections: z.union([z.number().int(), z.literal('unlimited')]),
  }),
  credits: z.number().int(),
  createdAt: z.iso.datetime(),
});
export type WorkspaceView = z.output<typeof workspaceView>;
