import { defineEntity, p } from '@mikro-orm/core';
import { FIELD_CHANGE_STATUSES } from './field-change-status.js';
import type { FieldChangeStatus } from './field-change-status.js';

const schema = defineEntity({
  name: 'AtsFieldChange',
  tableName: 'field_changes',
  schema: 'ats',
  properties: {
    id: p.uuid().primary(),
    connectionId: p.uuid(),
    workspaceId: p.text(),
    candidateId: p.uuid(),
    candidateRemoteId: p.text(),
    status: p.enum([...FIELD_CHANGE_STATUSES]).$type<FieldChangeStatus>(),
    actorUserId: p.text(),
    reasonCode: p.text().nullable(),
    reason: p.text().nullable(),
    requestedAt: p.datetime(),
    sentAt: p.datetime().nullable(),
    settledAt: p.datetime().nullable(),
  },
});

/** An edit of a candidate that somebody made in the host, on its way to the ATS. */
export class FieldChange extends schema.class {}
schema.setClass(FieldChange);
