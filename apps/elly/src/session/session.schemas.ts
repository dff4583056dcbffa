import { z } from 'zod';
import { ROLES } from './user.entity.js';

export const signInBody = z.strictObject({
  /** A user's e-mail address or id. */
  user: z.string().min(1).max(320),
});
export type SignInBody = z.output<typeof signInBody>;

export const sessionView = z.object({
  userId: z.uuid(),
  workspaceId: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
});
