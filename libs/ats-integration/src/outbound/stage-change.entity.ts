import { defineEntity, p } from '@mikro-orm/core';
import { CHANGE_STATUSES } from './stage-change-status.js';
import type { ChangeStatus } from './stage-change-status.js';

const schema = defineEntity({
  name: 'AtsStageChange',
  tableName: 'stage_changes',
  schema: 'ats',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.uuid(),
    workspaceId: p.text(),
    applicationId: p.uuid(),
    applicationRemoteId: p.text(),
    status: p.enum([...CHANGE_STATUSES]).$type<ChangeStatus>(),
    toStageId: p.text(),
    actorUserId: p.text(),
    reasonCode: p.text().nullable(),
    reason: p.text().nullable(),
    requestedAt: p.datetime(),
    sentAt: p.datetime().nullable(),
    settledAt: p.datetime().nullable(),
  },
});

/** A move of an application that somebody made in the host, on its way to the ATS. */
export class StageChange extends schema.class {}
schema.setClass(StageChange);
