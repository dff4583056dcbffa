import { Module } from '@nestjs/common';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './ats-integration.module-definition.js';
import type { ASYNC_OPTIONS_TYPE, AtsIntegrationExtras, OPTIONS_TYPE } from './ats-integration.module-definition.js';
import type { AtsIntegrationOptions } from './ats-integration.options.js';
import { parseOptions } from './ats-integration.options.js';
import { BootCheck } from './ats-boot-check.js';
import { portProviders } from './ats-ports.js';
import { ConnectFlow } from './connect/connect-flow.js';
import { CONNECT_PROVIDERS } from './connect/connect.providers.js';
import { Disconnect } from './connect/disconnect.js';
import { PlanEnforcement } from './connect/plan-enforcement.js';
import { ConnectionPreferences } from './connections/connection-preferences.js';
import { CONNECTION_PROVIDERS } from './connections/connections.providers.js';
import { KeyRotation } from './connections/key-rotation.js';
import type { AtsProvider } from './contract/ats-provider.js';
import { CandidateMerges } from './duplicates/candidate-merges.js';
import { DuplicateSearch } from './duplicates/duplicate-search.js';
import { Duplicates } from './duplicates/duplicates.js';
import { DUPLICATE_PROVIDERS } from './duplicates/duplicates.providers.js';
import { EVENT_PROVIDERS } from './events/events.providers.js';
import { FieldChangeHistory } from './field-changes/field-change-history.js';
import { FieldChanges } from './field-changes/field-changes.js';
import { FIELD_CHANGE_PROVIDERS } from './field-changes/field-changes.providers.js';
import { TenantResolver } from './host/tenant-resolver.port.js';
import { HTTP_PROVIDERS } from './http/http.providers.js';
import { Banners } from './insight/banners.js';
import { ConnectionOverview } from './insight/connection-overview.js';
import { Explain } from './insight/explain/explain.js';
import { INSIGHT_PROVIDERS } from './insight/insight.providers.js';
import { ImportPreview } from './insight/preview/import-preview.js';
import { Provenance } from './insight/provenance/provenance.js';
import { RecordLookup } from './insight/record-lookup.js';
import { RunHistory } from './insight/run-progress.js';
import { SetAsideRecords } from './insight/set-aside-records.js';
import { StageHistory } from './insight/stage-history.js';
import { ChangeDecisions } from './outbound/change-decisions.js';
import { ChangeHistory } from './outbound/change-history.js';
import { MoveReasons } from './outbound/move-reasons.js';
import { OUTBOUND_PROVIDERS } from './outbound/outbound.providers.js';
import { StageChanges } from './outbound/stage-changes.js';
import { PLAN_PROVIDERS } from './plan/plan.providers.js';
import { PlanUsage } from './plan/plan-usage.js';
import { inProcessQueue } from './queue/in-process-queue.module.js';
import { AtsFeatureModule } from './registry/feature.module.js';
import { ProviderRegistry } from './registry/provider-registry.js';
import { providerTokens, registryProvider } from './registry/registry.providers.js';
import { REST_CONTROLLERS, restProviders } from './rest/rest.providers.js';
import { WebhookDeliveryModule } from './rest/webhook-delivery.module.js';
import { Sweeps } from './schedule/sweeps.js';
import { Clock, systemClock } from './support/clock.js';
import { AtsOptions } from './support/options-token.js';
import { SealedBox } from './support/sealed-box.js';
import { HeldDeletions } from './sync/held-deletions.js';
import { StageMapper } from './sync/stage-mapper.js';
import { SyncRuns } from './sync/sync-runs.js';
import { SYNC_PROVIDERS } from './sync/sync.providers.js';
import { HookAdmin } from './webhooks/hook-admin.js';
import { WebhookIntake } from './webhooks/webhook-intake.js';
import { webhookProviders } from './webhooks/webhooks.providers.js';

/** Keeps jobs, candidates, applications and stage changes in sync with an ATS, inside the host's process, database and transaction. */
@Module({})
export class AtsIntegrationModule extends ConfigurableModuleClass {
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return assemble(super.forRoot(options), options);
  }

  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return assemble(super.forRootAsync(options), options);
  }

  /** Adds providers from another module; their options stand in the root's `providerOptions`. */
  static forFeature(providers: readonly AtsProvider[]): DynamicModule {
    return AtsFeatureModule.of(providers);
  }
}

/** What the host's own code may inject. */
const PUBLIC_SERVICES: Type[] = [
  ConnectFlow,
  Disconnect,
  KeyRotation,
  SyncRuns,
  StageMapper,
  StageChanges,
  ChangeHistory,
  ChangeDecisions,
  MoveReasons,
  FieldChanges,
  FieldChangeHistory,
  ConnectionPreferences,
  HeldDeletions,
  Duplicates,
  DuplicateSearch,
  CandidateMerges,
  ConnectionOverview,
  RunHistory,
  SetAsideRecords,
  RecordLookup,
  StageHistory,
  ImportPreview,
  Explain,
  Provenance,
  Banners,
  PlanUsage,
  PlanEnforcement,
  HookAdmin,
];

/** The table of contents: from the connect to the events, then what the flow leans on. */
function assemble(definition: DynamicModule, extras: AtsIntegrationExtras): DynamicModule {
  const { providers: atsProviders = [], queue = inProcessQueue(), ports = {}, http } = extras;
  const parts: Provider[] = [
    ...CONNECT_PROVIDERS,
    ...CONNECTION_PROVIDERS,
    ...SYNC_PROVIDERS,
    ...webhookProviders(http?.path ?? null),
    ...EVENT_PROVIDERS,
    ...OUTBOUND_PROVIDERS,
    ...FIELD_CHANGE_PROVIDERS,
    ...DUPLICATE_PROVIDERS,
    ...INSIGHT_PROVIDERS,
    ...HTTP_PROVIDERS,
    ...PLAN_PROVIDERS,
    ...portProviders(ports),
    registryProvider(atsProviders),
    ...providerTokens(atsProviders),
    {
      provide: BootCheck,
      useFactory: (options: AtsIntegrationOptions) => new BootCheck(options, ports, http),
      inject: [AtsOptions],
    },
    { provide: AtsOptions, useFactory: parseOptions, inject: [MODULE_OPTIONS_TOKEN] },
    {
      provide: SealedBox,
      useFactory: (options: AtsIntegrationOptions) => new SealedBox(options.encryptionKeys),
      inject: [AtsOptions],
    },
    { provide: Clock, useValue: systemClock },
    Sweeps,
  ];
  return {
    ...definition,
    global: true,
    imports: [
      ...(definition.imports ?? []),
      queue,
      ScheduleModule.forRoot(),
      ...(http === undefined
        ? []
        : [
            WebhookDeliveryModule,
            RouterModule.register([
              { path: http.path, module: AtsIntegrationModule },
              { path: http.path, module: WebhookDeliveryModule },
            ]),
          ]),
    ],
    providers: [
      ...(definition.providers ?? []),
      ...parts,
      ...(http === undefined ? [] : restProviders(http.guards ?? [])),
    ],
    controllers: http === undefined ? [] : REST_CONTROLLERS,
    exports: [
      ProviderRegistry,
      ...providerTokens(atsProviders).map(({ provide }) => provide),
      ...PUBLIC_SERVICES,
      // What the route of deliveries asks.
      WebhookIntake,
      // What PlanLimitGuard asks on a route of the host's own.
      TenantResolver,
    ],
  };
}
