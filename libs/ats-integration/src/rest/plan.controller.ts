import { Controller, Get, UseFilters, UseGuards } from '@nestjs/common';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { PlanUsage } from '../plan/plan-usage.js';
import type { PlanUse } from '../plan/plan-usage.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

/** What the settings page says above the connections: "Starter: 1 of 1 connections used". */
@Controller('plan')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class PlanController {
  constructor(private readonly usage: PlanUsage) {}

  @Get()
  use(@CurrentTenant() tenant: Tenant): Promise<PlanUse> {
    return this.usage.of(tenant.workspaceId);
  }
}
