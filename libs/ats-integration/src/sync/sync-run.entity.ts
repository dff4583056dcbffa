import { defineEntity, p } from '@mikro-orm/core';
import { RUN_KINDS, RUN_STATUSES } from './sync-run-status.js';
import type { RunKind, RunStatus } from './sync-run-status.js';

const schema = defineEntity({
  name: 'AtsSyncRun',
  tableName: 'sync_runs',
  schema: 'ats',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.uuid(),
    kind: p.enum([...RUN_KINDS]).$type<RunKind>(),
    trigger: p.text(),
    status: p.enum([...RUN_STATUSES]).$type<RunStatus>(),
    epoch: p.integer(),
    windowSince: p.datetime().nullable(),
    windowUntil: p.datetime(),
    attempts: p.integer().default(0),
    requests: p.integer().default(0),
    faultCode: p.text().nullable(),
    faultMessage: p.text().nullable(),
    queuedAt: p.datetime(),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
  },
});

/** One execution of the sync of one connection. Its claim and its progress are written by SQL in `claim-run.ts`. */
export class SyncRun extends schema.class {}
schema.setClass(SyncRun);
