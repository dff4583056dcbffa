import { defineEntity, p } from '@mikro-orm/core';
import type { ConnectionSettings } from './connection-settings.js';
import { CONNECTION_STATUSES } from './connection-status.js';
import type { ConnectionStatus } from './connection-status.js';

const schema = defineEntity({
  name: 'AtsConnection',
  tableName: 'connections',
  schema: 'ats',
  properties: {
    id: p.uuid().primary(),
    workspaceId: p.text(),
    provider: p.text(),
    status: p.enum([...CONNECTION_STATUSES]).$type<ConnectionStatus>(),
    statusReason: p.text().nullable(),
    epoch: p.integer().default(1),
    remoteAccountId: p.text().nullable(),
    remoteAccountName: p.text().nullable(),
    authorisedBy: p.text().nullable(),
    warnings: p.json().$type<readonly string[]>(),
    scopes: p.json().$type<readonly string[]>(),
    settings: p.json().$type<ConnectionSettings>(),
    sealedCredentials: p.text().nullable().lazy().hidden(),
    credentialsVersion: p.integer().default(0),
    accessExpiresAt: p.datetime().nullable(),
    refreshExpiresAt: p.datetime().nullable(),
    grantDeadAt: p.datetime().nullable(),
    suspendedAt: p.datetime().nullable(),
    disconnectedAt: p.datetime().nullable(),
    nextRunAt: p.datetime().nullable(),
    lastSyncedAt: p.datetime().nullable(),
    createdBy: p.text(),
    createdAt: p.datetime(),
  },
});

/** One workspace's authorised link to one ATS account. */
export class Connection extends schema.class {}
schema.setClass(Connection);
