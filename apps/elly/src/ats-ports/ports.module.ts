import { Module } from '@nestjs/common';
import { ActivityModule } from '../activity/activity.module.js';
import { BillingModule } from '../billing/billing.module.js';
import { FilesModule } from '../files/files.module.js';
import { ActivityEventPublisher } from './activity-event-publisher.js';
import { EllyHiringPipeline } from './elly-hiring-pipeline.js';
import { PlanChanges } from './plan-changes.js';
import { SessionTenantResolver } from './session-tenant-resolver.js';
import { WorkspaceCreditLedger } from './workspace-credit-ledger.js';
import { WorkspacePlanLimits } from './workspace-plan-limits.js';

const PORTS = [
  SessionTenantResolver,
  WorkspacePlanLimits,
  WorkspaceCreditLedger,
  EllyHiringPipeline,
  ActivityEventPublisher,
];

/** What Elly answers to the library. The file store is the sixth port and lives in `files/`. */
@Module({
  imports: [ActivityModule, BillingModule, FilesModule],
  providers: [...PORTS, PlanChanges],
  exports: [...PORTS, FilesModule],
})
export class PortsModule {}
