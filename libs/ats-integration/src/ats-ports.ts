import type { Provider, Type } from '@nestjs/common';
import type { AtsPorts, PortImplementation } from './ats-integration.module-definition.js';
import { HostPipeline, LinkedPipeline } from './duplicates/linked-pipeline.js';
import { DefaultEventPublisher } from './events/default-event-publisher.js';
import { EventPublisher } from './events/event-publisher.port.js';
import { FileStore } from './host/file-store.port.js';
import { FolderFileStore } from './host/folder-file-store.js';
import { HeaderTenantResolver } from './host/header-tenant-resolver.js';
import { HiringPipeline } from './host/hiring-pipeline.port.js';
import { NullHiringPipeline } from './host/null-hiring-pipeline.js';
import { TenantResolver } from './host/tenant-resolver.port.js';
import { CreditLedger } from './plan/credit-ledger.port.js';
import { FreePlanLimits } from './plan/free-plan-limits.js';
import { PlanLimits } from './plan/plan-limits.port.js';
import { RefusingCreditLedger } from './plan/refusing-credit-ledger.js';

/** Every port's token with what the host gave, or with the default. */
export function portProviders(ports: AtsPorts): Provider[] {
  return [
    bind(TenantResolver, ports.tenantResolver ?? HeaderTenantResolver),
    bind(PlanLimits, ports.planLimits ?? FreePlanLimits),
    bind(CreditLedger, ports.creditLedger ?? RefusingCreditLedger),
    bind(HostPipeline, ports.hiringPipeline ?? NullHiringPipeline),
    // Whoever writes to the host goes this way: it knows who was merged into whom.
    { provide: HiringPipeline, useClass: LinkedPipeline },
    bind(EventPublisher, ports.eventPublisher ?? DefaultEventPublisher),
    bind(FileStore, ports.fileStore ?? { useFactory: () => new FolderFileStore() }),
  ];
}

function bind<Port>(token: symbol, implementation: PortImplementation<Port>): Provider {
  if (typeof implementation === 'function') return { provide: token, useClass: implementation as Type };
  return { provide: token, ...implementation } as Provider;
}
