import type { ConflictPolicy } from '../connections/connection-settings.js';
import type { JsonValue } from '../contract/records.js';
import { exactKeyOf, kindredKeyOf } from './field-values.js';

/** One field of an edit: what its editor saw and wrote. */
export interface FieldEdit {
  readonly field: string;
  readonly seen: JsonValue;
  readonly wanted: JsonValue;
}

/** Its value in the ATS, and when the ATS says that the person last changed there: it does not say it of a field. */
export interface FieldNow {
  readonly value: JsonValue;
  readonly updatedAt: Date | null;
}

/**
 * Pure, three ways: what the editor saw, what the ATS has now, what the editor wants. By `newest` the later of the two
 * counts; when the ATS does not say when it was, its own word counts. `there`: nothing is left to write.
 */
export function decideField(
  { field, seen, wanted }: FieldEdit,
  now: FieldNow,
  requestedAt: Date,
  policy: ConflictPolicy,
): 'there' | 'write' | 'leave' {
  if (exactKeyOf(now.value) === exactKeyOf(wanted)) return 'there';
  const isAsSeen = kindredKeyOf(field, now.value) === kindredKeyOf(field, seen);
  if (isAsSeen || policy === 'elly-wins') return 'write';
  if (policy === 'ats-wins' || now.updatedAt === null) return 'leave';
  return now.updatedAt.getTime() <= requestedAt.getTime() ? 'write' : 'leave';
}
