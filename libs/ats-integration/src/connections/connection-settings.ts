import { z } from 'zod';

export const CONFLICT_POLICIES = ['newest', 'ats-wins', 'elly-wins'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

const remoteId = z.string().min(1).max(256);

/** What a customer may set for one connection; every member has a default. */
export const connectionSettingsSchema = z.strictObject({
  /** Overrides the module's rule of open jobs. */
  openJobsOnly: z.boolean().optional(),
  /**
   * In whose name moves are made, where the ATS lets it be said. `service`: always this user of the ATS, or the one who
   * authorised. `mapped`: the user of the ATS with the e-mail address of the person who moved, else the fallback.
   * @default { kind: 'service' }
   */
  actingUser: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('service'), remoteUserId: remoteId.optional() }),
      z.strictObject({ kind: z.literal('mapped'), fallbackRemoteUserId: remoteId }),
    ])
    .optional(),
  /** Who wins when both sides moved the same application. @default { stage: 'newest' } */
  conflicts: z.strictObject({ stage: z.enum(CONFLICT_POLICIES) }).optional(),
  /** Reasons of the ATS that are taken when the person who moved chose none. */
  reasons: z.strictObject({ reject: remoteId.optional(), hire: remoteId.optional() }).optional(),
});

/** What a customer set for one connection. */
export type ConnectionSettings = z.output<typeof connectionSettingsSchema>;
export type ActingUser = NonNullable<ConnectionSettings['actingUser']>;
export type DefaultReasons = NonNullable<ConnectionSettings['reasons']>;

export function conflictPolicyOf(settings: ConnectionSettings): ConflictPolicy {
  return settings.conflicts?.stage ?? 'newest';
}
