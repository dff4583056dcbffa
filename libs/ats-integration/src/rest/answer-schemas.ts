import { z } from 'zod';
import type { ConnectRedirect } from '../connect/connect-flow.js';
import { CONNECTION_STATUSES } from '../connections/connection-status.js';
import { connectionSettingsSchema } from '../connections/connection-settings.js';
import { FIELD_DIRECTIONS } from '../contract/fields.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { MoveReason } from '../contract/stage-change.js';
import type { FieldChangeView } from '../field-changes/field-change-history.js';
import { FIELD_CHANGE_STATUSES, FIELD_OUTCOMES } from '../field-changes/field-change-status.js';
import { HOST_STAGE_KINDS } from '../host/hiring-pipeline.port.js';
import { BANNER_KINDS } from '../insight/banners.js';
import type { Banner } from '../insight/banners.js';
import type { ConnectionDetails, ConnectionSummary } from '../insight/connection-overview.js';
import type { StageStayView } from '../insight/name-movers.js';
import type { RecordAnswer } from '../insight/record-lookup.js';
import type { RunProgress } from '../insight/run-progress.js';
import type { QuarantinedEntry, SkippedEntry } from '../insight/set-aside-records.js';
import type { StageChangeView } from '../outbound/change-history.js';
import { CHANGE_STATUSES } from '../outbound/stage-change-status.js';
import type { PlanUse } from '../plan/plan-usage.js';
import type { HeldDeletion } from '../sync/held-deletions.js';
import type { StageMappingView } from '../sync/stage-mapper.js';
import { RUN_KINDS, RUN_STATUSES } from '../sync/sync-run-status.js';
import { WEBHOOK_STATUSES } from '../webhooks/hook-admin.js';
import type { WebhookView } from '../webhooks/hook-admin.js';
import type { CatalogueEntry } from './providers.controller.js';

// What the routes answer, held against the types that they answer with: a member that is missing here does not compile.
const count = z.int().nonnegative();
const moment = z.date();
const field = z.object({ field: z.string(), label: z.string(), direction: z.enum(FIELD_DIRECTIONS) });
const fieldTable = z.partialRecord(z.enum(RECORD_KINDS), z.array(field));

export const catalogue = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    summary: z.string(),
    connectBy: z.enum(['oauth2', 'api-key']),
    keyForm: z.array(z.object({ name: z.string(), label: z.string(), secret: z.boolean(), help: z.string() })),
    fields: fieldTable,
    openJobStatuses: z.array(z.string()),
    documentation: z.string(),
  }),
) satisfies z.ZodType<CatalogueEntry[]>;

export const planUse = z.object({
  plan: z.string(),
  limit: z.union([count, z.literal('unlimited')]),
  inUse: count,
  signingIn: count,
  canConnect: z.boolean(),
  connectCredits: count,
}) satisfies z.ZodType<PlanUse>;

export const bannerList = z.object({
  banners: z.array(
    z.object({
      kind: z.enum(BANNER_KINDS),
      connectionId: z.uuid(),
      provider: z.string(),
      providerName: z.string(),
      title: z.string(),
      message: z.string(),
      action: z.object({ kind: z.enum(['reconnect', 'upgrade']), label: z.string() }),
      since: moment,
      lastSyncedAt: moment.nullable(),
    }),
  ),
}) satisfies z.ZodType<{ readonly banners: readonly Banner[] }>;

export const connectRedirect = z.object({
  connectionId: z.uuid(),
  authorizeUrl: z.string().nullable(),
}) satisfies z.ZodType<ConnectRedirect>;

const connectionSummary = z.object({
  id: z.uuid(),
  provider: z.string(),
  providerName: z.string(),
  status: z.enum(CONNECTION_STATUSES),
  statusReason: z.string().nullable(),
  accountName: z.string().nullable(),
  authorisedBy: z.string().nullable(),
  warnings: z.array(z.string()),
  lastSyncedAt: moment.nullable(),
  nextRunAt: moment.nullable(),
  completeUntil: moment.nullable(),
  awaitsStart: z.boolean(),
  createdAt: moment,
}) satisfies z.ZodType<ConnectionSummary>;

export const connectionList = z.array(connectionSummary);

export const connectionDetails = connectionSummary.extend({
  records: z.object({
    users: count,
    jobs: count,
    openJobs: count,
    stages: count,
    candidates: count,
    applications: count,
    resumes: count,
    resumesPending: count,
    stageStays: count,
  }),
  skipped: z.array(z.object({ kind: z.string(), reason: z.string(), count })),
  quarantined: count,
  issues: z.array(z.object({ id: z.uuid(), code: z.string(), message: z.string(), raisedAt: moment })),
  fields: fieldTable,
  openJobStatuses: z.array(z.string()),
}) satisfies z.ZodType<ConnectionDetails>;

export const skippedList = z.array(
  z.object({
    kind: z.string(),
    remoteId: z.string(),
    reason: z.string(),
    jobRemoteId: z.string().nullable(),
    seenAt: moment,
  }),
) satisfies z.ZodType<SkippedEntry[]>;

export const quarantinedList = z.array(
  z.object({
    kind: z.string(),
    remoteId: z.string().nullable(),
    rowKey: z.string(),
    reason: z.string(),
    firstSeenAt: moment,
    lastSeenAt: moment,
  }),
) satisfies z.ZodType<QuarantinedEntry[]>;

const kindCounts = z.object({
  seen: count,
  created: count,
  updated: count,
  unchanged: count,
  skipped: z.record(z.string(), count),
  quarantined: count,
});
const countsByKind = z.partialRecord(z.enum(RECORD_KINDS), kindCounts);

export const runProgress = z.object({
  id: z.uuid(),
  kind: z.enum(RUN_KINDS),
  status: z.enum(RUN_STATUSES),
  trigger: z.string(),
  queuedAt: moment,
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
  requests: count,
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
  streams: z.array(
    z.object({
      stream: z.string(),
      status: z.enum(['pending', 'running', 'done']),
      pages: count,
      total: count.nullable(),
      counts: countsByKind,
    }),
  ),
  counts: countsByKind,
}) satisfies z.ZodType<RunProgress>;

export const runList = z.array(runProgress);
export const queuedRun = z.object({ runId: z.uuid() });

export const recordAnswer = z.object({
  kind: z.enum(RECORD_KINDS),
  remoteId: z.string(),
  state: z.enum(['here', 'skipped', 'quarantined', 'gone']),
  id: z.uuid().nullable(),
  reason: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()).nullable(),
}) satisfies z.ZodType<RecordAnswer>;

export const stageMappingView = z.object({
  hostStages: z.array(
    z.object({ id: z.string(), name: z.string(), kind: z.enum(HOST_STAGE_KINDS), position: z.number() }),
  ),
  mappings: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      jobRemoteId: z.string().nullable(),
      hostStageId: z.string(),
      status: z.enum(['suggested', 'confirmed']),
      confidence: z.number(),
      reason: z.string(),
      applications: count,
    }),
  ),
}) satisfies z.ZodType<StageMappingView>;

export const stageChange = z.object({
  id: z.uuid(),
  connectionId: z.uuid(),
  applicationId: z.uuid(),
  status: z.enum(CHANGE_STATUSES),
  toStageId: z.string(),
  actorUserId: z.string(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: count,
  requestedAt: moment,
  sentAt: moment.nullable(),
  settledAt: moment.nullable(),
}) satisfies z.ZodType<StageChangeView>;
export const stageChangeList = z.array(stageChange);

export const stageHistory = z.array(
  z.object({
    id: z.uuid(),
    stageRemoteId: z.string(),
    stageName: z.string().nullable(),
    enteredAt: moment.nullable(),
    leftAt: moment.nullable(),
    movedBy: z
      .object({ who: z.enum(['elly', 'ats-user']), name: z.string().nullable(), userId: z.string() })
      .nullable(),
  }),
) satisfies z.ZodType<StageStayView[]>;

export const fieldChangeList = z.array(
  z.object({
    id: z.uuid(),
    connectionId: z.uuid(),
    candidateId: z.uuid(),
    status: z.enum(FIELD_CHANGE_STATUSES),
    fields: z.array(
      z.object({
        field: z.string(),
        status: z.enum(['open', ...FIELD_OUTCOMES]),
        code: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
    actorUserId: z.string(),
    code: z.string().nullable(),
    reason: z.string().nullable(),
    attempts: count,
    requestedAt: moment,
    sentAt: moment.nullable(),
    settledAt: moment.nullable(),
  }),
) satisfies z.ZodType<FieldChangeView[]>;

export const moveReasonList = z.array(
  z.object({ remoteId: z.string(), name: z.string(), of: z.enum(['reject', 'hire']) }),
) satisfies z.ZodType<MoveReason[]>;

export const connectionSettings = connectionSettingsSchema;

export const webhookView = z.object({
  status: z.enum(WEBHOOK_STATUSES),
  how: z.enum(['api', 'manual']).nullable(),
  url: z.string().nullable(),
  secretsAre: z.enum(['ours', 'theirs']).nullable(),
  events: z.array(z.object({ event: z.string(), hasSecret: z.boolean() })),
  instructions: z.array(z.string()),
  note: z.string().nullable(),
  lastDeliveryAt: moment.nullable(),
  lastGenuineAt: moment.nullable(),
  failures: count,
}) satisfies z.ZodType<WebhookView>;

export const shownSecret = z.object({ secret: z.string().nullable() });

const heldDeletion = z.object({
  kind: z.enum(RECORD_KINDS),
  count,
  heldAt: moment,
  examples: z.array(z.string()),
}) satisfies z.ZodType<HeldDeletion>;
export const heldDeletionList = z.array(heldDeletion);
export const decidedDeletions = z.object({ decided: count });

/** RFC 9457; an error's details stand beside these members. */
export const problemDetails = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
});
