import type { CanActivate, Provider, Type } from '@nestjs/common';
import { BannerController } from './banner.controller.js';
import { ConnectionSettingsController } from './connection-settings.controller.js';
import { ConnectionWebhooksController } from './connection-webhooks.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { DeletionsController } from './deletions.controller.js';
import { DuplicatesController } from './duplicates.controller.js';
import { FieldChangesController } from './field-changes.controller.js';
import { InsightController } from './insight.controller.js';
import { MergesController } from './merges.controller.js';
import { OAuthCallbackController } from './oauth-callback.controller.js';
import { PlanController } from './plan.controller.js';
import { ProvidersController } from './providers.controller.js';
import { RecordsController } from './records.controller.js';
import { StageChangesController } from './stage-changes.controller.js';
import { StageHistoryController } from './stage-history.controller.js';
import { StageMappingsController } from './stage-mappings.controller.js';
import { SyncRunsController } from './sync-runs.controller.js';
import { HostGuards, TenantGuard } from './tenant.guard.js';

export const REST_CONTROLLERS = [
  ProvidersController,
  PlanController,
  BannerController,
  ConnectionsController,
  ConnectionWebhooksController,
  SyncRunsController,
  RecordsController,
  InsightController,
  StageMappingsController,
  StageChangesController,
  StageHistoryController,
  FieldChangesController,
  ConnectionSettingsController,
  DeletionsController,
  DuplicatesController,
  MergesController,
  OAuthCallbackController,
];

export function restProviders(guards: readonly Type<CanActivate>[]): Provider[] {
  return [
    TenantGuard,
    ...guards,
    { provide: HostGuards, useFactory: (...instances: CanActivate[]) => instances, inject: [...guards] },
  ];
}
