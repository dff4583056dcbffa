import { Controller, Get, Param, ParseUUIDPipe, UseFilters, UseGuards } from '@nestjs/common';
import type { Tenant } from '../host/tenant-resolver.port.js';
import type { StageStayView } from '../insight/name-movers.js';
import { StageHistory } from '../insight/stage-history.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

@Controller('connections/:connectionId/applications/:applicationId/stage-history')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class StageHistoryController {
  constructor(private readonly history: StageHistory) {}

  /** `applicationId`: the library's id, as events and the pipeline carry it. */
  @Get()
  of(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('applicationId', ParseUUIDPipe) applicationId: string,
  ): Promise<StageStayView[]> {
    return this.history.of(tenant.workspaceId, id, applicationId);
  }
}
