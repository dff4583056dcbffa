import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, UseFilters, UseGuards } from '@nestjs/common';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { RunHistory } from '../insight/run-progress.js';
import type { RunProgress } from '../insight/run-progress.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

@Controller('connections/:connectionId/sync-runs')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class SyncRunsController {
  constructor(
    private readonly runs: SyncRuns,
    private readonly history: RunHistory,
  ) {}

  @Get()
  list(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<RunProgress[]> {
    return this.history.list(tenant.workspaceId, id);
  }

  @Get(':runId')
  get(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('runId', ParseUUIDPipe) runId: string,
  ): Promise<RunProgress> {
    return this.history.get(tenant.workspaceId, id, runId);
  }

  /** Re-sync: an immediate full run. A catch-up of what changed is `…/sync-runs/incremental`. */
  @Post()
  @HttpCode(202)
  async resync(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<{ readonly runId: string }> {
    return { runId: await this.runs.requestIn(tenant.workspaceId, id, 'resync') };
  }

  /** Starts the first import, where it waits for that. */
  @Post('initial')
  @HttpCode(202)
  async start(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<{ readonly runId: string }> {
    return { runId: await this.runs.startImport(tenant.workspaceId, id) };
  }

  @Post('incremental')
  @HttpCode(202)
  async catchUp(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<{ readonly runId: string }> {
    return { runId: await this.runs.requestIn(tenant.workspaceId, id, 'incremental') };
  }
}
