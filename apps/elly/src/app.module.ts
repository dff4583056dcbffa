import { AtsIntegrationModule, bullQueue, inProcessQueue } from '@elly/ats-integration';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import type { DestinationStream } from 'pino';
import { ActivityModule } from './activity/activity.module.js';
import { ActivityEventPublisher } from './ats-ports/activity-event-publisher.js';
import { AdminsChangeGuard } from './ats-ports/admins-change.guard.js';
import { availableProviders } from './ats-ports/available-providers.js';
import { EllyHiringPipeline } from './ats-ports/elly-hiring-pipeline.js';
import { PortsModule } from './ats-ports/ports.module.js';
import { SessionTenantResolver } from './ats-ports/session-tenant-resolver.js';
import { WorkspaceCreditLedger } from './ats-ports/workspace-credit-ledger.js';
import { WorkspacePlanLimits } from './ats-ports/workspace-plan-limits.js';
import { BillingModule } from './billing/billing.module.js';
import { CandidatesModule } from './candidates/candidates.module.js';
import { AppConfig } from './configuration/app-config.js';
import { ConfigurationModule } from './configuration/configuration.module.js';
import { databaseOptions } from './database/database.options.js';
import { FolderFileStore } from './files/folder-file-store.js';
import { JobsModule } from './jobs/jobs.module.js';
import { loggingModule } from './logging/logging.module.js';
import { PipelineModule } from './pipeline/pipeline.module.js';
import { SessionModule } from './session/session.module.js';
import { WorkspacesModule } from './workspaces/workspaces.module.js';

export interface AppModuleOptions {
  /** Take up no work: for a process that runs one command beside the app. @default false */
  readonly idle?: boolean;
  /** Takes the log, as JSON lines. @default standard output */
  readonly logTo?: DestinationStream;
}

@Module({})
export class AppModule {
  static async forRoot(
    config: AppConfig,
    databaseUrl: string,
    { idle = false, logTo }: AppModuleOptions = {},
  ): Promise<DynamicModule> {
    const { providers, options: providerOptions } = availableProviders(config);
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.forRoot(config),
        loggingModule(config, logTo),
        await MikroOrmModule.forRoot(databaseOptions(databaseUrl)),
        EventEmitterModule.forRoot(),
        SessionModule,
        WorkspacesModule,
        BillingModule,
        JobsModule,
        CandidatesModule,
        PipelineModule,
        ActivityModule,
        AtsIntegrationModule.forRootAsync({
          imports: [PortsModule],
          providers,
          // The shared queue would hand work to whoever listens.
          queue:
            idle || config.redisUrl === undefined
              ? inProcessQueue()
              : bullQueue({
                  url: config.redisUrl,
                  ...(config.redisPrefix === undefined ? {} : { prefix: config.redisPrefix }),
                }),
          ports: {
            tenantResolver: { useExisting: SessionTenantResolver },
            planLimits: { useExisting: WorkspacePlanLimits },
            creditLedger: { useExisting: WorkspaceCreditLedger },
            hiringPipeline: { useExisting: EllyHiringPipeline },
            eventPublisher: { useExisting: ActivityEventPublisher },
            fileStore: { useExisting: FolderFileStore },
          },
          http: { path: 'ats', guards: [AdminsChangeGuard] },
          inject: [AppConfig],
          useFactory: (app: AppConfig) => ({
            publicUrl: app.publicUrl,
            encryptionKeys: [...app.encryptionKeys],
            providerOptions,
            allowInsecureHosts: !app.isProduction,
            sync: {
              schedule: !idle,
              openJobsOnly: app.openJobsOnly,
              startImport: app.startImport,
              ...(app.syncIntervalSeconds === undefined ? {} : { intervalSeconds: app.syncIntervalSeconds }),
              ...(app.syncLeaseSeconds === undefined ? {} : { leaseSeconds: app.syncLeaseSeconds }),
              ...(app.syncRetrySeconds === undefined ? {} : { retrySeconds: app.syncRetrySeconds }),
            },
            outbound: app.settleSeconds === undefined ? {} : { settleSeconds: app.settleSeconds },
          }),
        }),
      ],
    };
  }
}
