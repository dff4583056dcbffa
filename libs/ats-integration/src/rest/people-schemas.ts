import { z } from 'zod';
import { CONFIDENCES, EVIDENCE_KINDS } from '../duplicates/compare-people.js';
import { SIDES } from '../duplicates/default-choices.js';
import type { DuplicateView, MergePreview } from '../duplicates/duplicates.js';
import type { MergeView } from '../duplicates/merge-view.js';
import { PERSON_FIELDS } from '../duplicates/person-fields.js';
import { MERGE_CHOICES } from '../duplicates/person-group.js';

// What the routes of people who are twice answer, as `answer-schemas.ts` has it for the others.

const moment = z.date();

const personRef = z.object({ kind: z.enum(['ats', 'own']), id: z.string() });
const duplicate = z.object({
  id: z.uuid(),
  left: personRef,
  right: personRef,
  score: z.int().min(0).max(100),
  confidence: z.enum(CONFIDENCES),
  evidence: z.array(z.object({ kind: z.enum(EVIDENCE_KINDS), sentence: z.string(), weight: z.int() })),
  foundAt: moment,
}) satisfies z.ZodType<DuplicateView>;
export const duplicateList = z.array(duplicate);

export const mergePreview = z.object({
  duplicate,
  survivor: z.enum(['left', 'right']),
  fields: z.array(
    z.object({
      field: z.enum(PERSON_FIELDS),
      label: z.string(),
      left: z.json(),
      right: z.json(),
      sides: z.array(z.enum(SIDES)),
      choice: z.enum(SIDES),
      reason: z.string(),
    }),
  ),
}) satisfies z.ZodType<MergePreview>;

export const merge = z.object({
  id: z.uuid(),
  survivor: personRef,
  merged: personRef,
  choices: z.record(z.enum(PERSON_FIELDS), z.enum(MERGE_CHOICES)),
  mergedBy: z.string(),
  mergedAt: moment,
  undoneBy: z.string().nullable(),
  undoneAt: moment.nullable(),
}) satisfies z.ZodType<MergeView>;
export const mergeList = z.array(merge);
