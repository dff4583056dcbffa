import { z } from 'zod';
import { CONNECTION_STATUSES } from '../connections/connection-status.js';
import { RECORD_KINDS } from '../contract/records.js';
import { ATS_ANSWERS, EXPLANATION_REASONS } from '../insight/explain/explanation.js';
import type { Explanation } from '../insight/explain/explanation.js';
import { PRECISIONS } from '../insight/preview/preview-report.js';
import type { ImportPreviewReport } from '../insight/preview/preview-report.js';
import { VALUE_EVENTS } from '../insight/provenance/value-provenance.js';
import type { RecordProvenance } from '../insight/provenance/value-provenance.js';
import { RUN_KINDS } from '../sync/sync-run-status.js';

// What the routes of insight answer, as `answer-schemas.ts` has it for the others.
const whole = z.int().nonnegative();
const moment = z.date();
const count = z.object({ value: whole, precision: z.enum(PRECISIONS) });
const namedRecord = z.object({ kind: z.enum(RECORD_KINDS), remoteId: z.string(), id: z.uuid() });

export const importPreview = z.object({
  connectionId: z.uuid(),
  takenAt: moment,
  requests: whole,
  jobs: z.object({
    total: count,
    open: count,
    byStatus: z.array(z.object({ status: z.string(), count: whole, open: z.boolean() })),
  }),
  stages: z.object({
    total: count,
    unconfirmed: z.array(
      z.object({
        key: z.string(),
        name: z.string(),
        stages: whole,
        suggestion: z
          .object({
            hostStageId: z.string(),
            hostStageName: z.string(),
            confidence: z.number(),
            reason: z.string(),
          })
          .nullable(),
      }),
    ),
  }),
  people: z.object({ candidates: count, applications: count }),
  duplicates: z.object({ checked: whole, found: count, candidateIds: z.array(z.string()) }),
  setAside: z.array(z.object({ kind: z.enum(RECORD_KINDS), reason: z.string(), count: whole })),
  missingPermissions: z.array(z.string()),
  cost: z.object({ requests: count, resumeRequests: count, seconds: count }),
  imported: z.object({ jobs: whole, candidates: whole, applications: whole }),
}) satisfies z.ZodType<ImportPreviewReport>;

export const explanation = z.object({
  reason: z.enum(EXPLANATION_REASONS),
  message: z.string(),
  whatToDo: z.string().nullable(),
  kind: z.enum(RECORD_KINDS).nullable(),
  remoteId: z.string().nullable(),
  records: z.array(namedRecord),
  survivor: z.object({ remoteId: z.string(), id: z.uuid().nullable() }).nullable(),
  atsAnswer: z.enum(ATS_ANSWERS),
  connection: z.object({ status: z.enum(CONNECTION_STATUSES), lastSyncedAt: moment.nullable() }),
  alsoFound: z.array(namedRecord),
}) satisfies z.ZodType<Explanation>;

export const recordProvenance = z.object({
  kind: z.enum(RECORD_KINDS),
  remoteId: z.string(),
  id: z.uuid(),
  values: z.array(
    z.object({
      field: z.string(),
      value: z.unknown(),
      source: z.enum(['ats', 'elly']),
      sourceName: z.string(),
      atsUpdatedAt: moment.nullable(),
      learntAt: moment,
      event: z.object({
        kind: z.enum(VALUE_EVENTS),
        id: z.string().nullable(),
        runKind: z.enum(RUN_KINDS).nullable(),
        actorUserId: z.string().nullable(),
        first: z.boolean(),
      }),
    }),
  ),
}) satisfies z.ZodType<RecordProvenance>;
