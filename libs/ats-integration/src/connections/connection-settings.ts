import { z } from 'zod';
import { FIELD_DIRECTIONS } from '../contract/fields.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { RecordKind } from '../contract/records.js';

export const CONFLICT_POLICIES = ['newest', 'ats-wins', 'elly-wins'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

const remoteId = z.string().min(1).max(256);
/** The field of a common record, as a manifest names it; a custom field is `customFields.<key>`. */
const fieldName = z.string().min(1).max(256);

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
  /**
   * Who wins when both sides moved the same application, or edited the same field of a candidate; for a custom field
   * that is not named what is set for `customFields` holds. @default `newest` for each
   */
  conflicts: z
    .strictObject({
      stage: z.enum(CONFLICT_POLICIES).optional(),
      fields: z.record(fieldName, z.enum(CONFLICT_POLICIES)).optional(),
    })
    .optional(),
  /** Fields, by record kind, that the ATS would take and that are not to be written from here: `read-only`. */
  fields: z.partialRecord(z.enum(RECORD_KINDS), z.record(fieldName, z.enum(FIELD_DIRECTIONS))).optional(),
  /** Reasons of the ATS that are taken when the person who moved chose none. */
  reasons: z.strictObject({ reject: remoteId.optional(), hire: remoteId.optional() }).optional(),
});

/** What a customer set for one connection. */
export type ConnectionSettings = z.output<typeof connectionSettingsSchema>;
export type ActingUser = NonNullable<ConnectionSettings['actingUser']>;
export type DefaultReasons = NonNullable<ConnectionSettings['reasons']>;

/** Stands for every custom field; one of them is `customFields.<key>`. */
export const CUSTOM_FIELDS = 'customFields';

/** The setting of a field; a custom field that has none falls back to the one for all custom fields. */
export function settingOf<Setting>(
  settings: Readonly<Record<string, Setting>> | undefined,
  field: string,
): Setting | undefined {
  if (settings === undefined) return undefined;
  if (Object.hasOwn(settings, field)) return settings[field];
  const isCustom = field.startsWith(`${CUSTOM_FIELDS}.`) && Object.hasOwn(settings, CUSTOM_FIELDS);
  return isCustom ? settings[CUSTOM_FIELDS] : undefined;
}

export function fieldPolicyOf(settings: ConnectionSettings, field: string): ConflictPolicy {
  return settingOf(settings.conflicts?.fields, field) ?? 'newest';
}

/** Whether the customer wants a field of the ATS left alone that it would take. */
export function isNarrowed(settings: ConnectionSettings, kind: RecordKind, field: string): boolean {
  return settingOf(settings.fields?.[kind], field) === 'read-only';
}

export function conflictPolicyOf(settings: ConnectionSettings): ConflictPolicy {
  return settings.conflicts?.stage ?? 'newest';
}
