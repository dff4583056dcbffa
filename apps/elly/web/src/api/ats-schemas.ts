import { z } from 'zod';

// What the library's routes answer, as far as the pages show it; members that are not named here pass.
const moment = z.string();
const field = z.object({ field: z.string(), label: z.string(), direction: z.enum(['read-only', 'bidirectional']) });
const fieldTable = z.record(z.string(), z.array(field));
export type FieldTable = z.output<typeof fieldTable>;

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
);
export type CatalogueEntry = z.output<typeof catalogue>[number];

export const planUse = z.object({
  plan: z.string(),
  limit: z.union([z.number(), z.literal('unlimited')]),
  inUse: z.number(),
  signingIn: z.number(),
  canConnect: z.boolean(),
  connectCredits: z.number(),
});
export type PlanUse = z.output<typeof planUse>;

export const bannerList = z.object({
  banners: z.array(
    z.object({
      kind: z.enum(['reconnect', 'expiring', 'suspended']),
      connectionId: z.string(),
      title: z.string(),
      message: z.string(),
      action: z.object({ kind: z.enum(['reconnect', 'upgrade']), label: z.string() }),
    }),
  ),
});
export type Banner = z.output<typeof bannerList>['banners'][number];

export const connectRedirect = z.object({ connectionId: z.string(), authorizeUrl: z.string().nullable() });

const summary = z.object({
  id: z.string(),
  provider: z.string(),
  providerName: z.string(),
  status: z.enum(['authorizing', 'active', 'reconnect_required', 'suspended', 'disconnected']),
  statusReason: z.string().nullable(),
  accountName: z.string().nullable(),
  authorisedBy: z.string().nullable(),
  warnings: z.array(z.string()),
  lastSyncedAt: moment.nullable(),
  nextRunAt: moment.nullable(),
  completeUntil: moment.nullable(),
  awaitsStart: z.boolean(),
  createdAt: moment,
});
export type ConnectionSummary = z.output<typeof summary>;
export type ConnectionStatus = ConnectionSummary['status'];

export const connectionList = z.array(summary);

export const connectionDetails = summary.extend({
  records: z.object({
    users: z.number(),
    jobs: z.number(),
    openJobs: z.number(),
    stages: z.number(),
    candidates: z.number(),
    applications: z.number(),
    resumes: z.number(),
    resumesPending: z.number(),
  }),
  skipped: z.array(z.object({ kind: z.string(), reason: z.string(), count: z.number() })),
  quarantined: z.number(),
  issues: z.array(z.object({ id: z.string(), code: z.string(), message: z.string(), raisedAt: moment })),
  fields: fieldTable,
  openJobStatuses: z.array(z.string()),
});
export type ConnectionDetails = z.output<typeof connectionDetails>;

export const quarantinedList = z.array(
  z.object({
    kind: z.string(),
    remoteId: z.string().nullable(),
    rowKey: z.string(),
    reason: z.string(),
    lastSeenAt: moment,
  }),
);

const kindCounts = z.object({
  seen: z.number(),
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  skipped: z.record(z.string(), z.number()),
  quarantined: z.number(),
});
const countsByKind = z.record(z.string(), kindCounts);
export type CountsByKind = z.output<typeof countsByKind>;

export const syncRun = z.object({
  id: z.string(),
  kind: z.enum(['initial', 'incremental', 'resync', 'targeted', 'reconcile']),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'aborted']),
  trigger: z.string(),
  queuedAt: moment,
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
  requests: z.number(),
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
  streams: z.array(
    z.object({
      stream: z.string(),
      status: z.enum(['pending', 'running', 'done']),
      pages: z.number(),
      total: z.number().nullable(),
      counts: countsByKind,
    }),
  ),
  counts: countsByKind,
});
export type SyncRun = z.output<typeof syncRun>;

export const stageMappings = z.object({
  hostStages: z.array(z.object({ id: z.string(), name: z.string(), position: z.number() })),
  mappings: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      jobRemoteId: z.string().nullable(),
      hostStageId: z.string(),
      status: z.enum(['suggested', 'confirmed']),
      confidence: z.number(),
      reason: z.string(),
      applications: z.number(),
    }),
  ),
});
export type StageMappings = z.output<typeof stageMappings>;
export type StageMapping = StageMappings['mappings'][number];

export const webhookHealth = z.object({
  status: z.enum(['unsupported', 'not-set-up', 'waiting', 'active', 'failing', 'silent']),
  how: z.enum(['api', 'manual']).nullable(),
  url: z.string().nullable(),
  secretsAre: z.enum(['ours', 'theirs']).nullable(),
  events: z.array(z.object({ event: z.string(), hasSecret: z.boolean() })),
  instructions: z.array(z.string()),
  note: z.string().nullable(),
  lastGenuineAt: moment.nullable(),
  failures: z.number(),
});
export type WebhookHealth = z.output<typeof webhookHealth>;

export const stageChange = z.object({
  id: z.string(),
  status: z.enum(['pending', 'sending', 'confirmed', 'refused', 'parked', 'superseded']),
  toStageId: z.string(),
  reason: z.string().nullable(),
  requestedAt: moment,
});
export type StageChange = z.output<typeof stageChange>;

export const explanation = z.object({
  reason: z.string(),
  message: z.string(),
  whatToDo: z.string().nullable(),
});

export const heldDeletions = z.array(
  z.object({ kind: z.string(), count: z.number(), heldAt: moment, examples: z.array(z.string()) }),
);
