import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { ConnectFlow } from '../connect/connect-flow.js';
import type { ConnectRedirect } from '../connect/connect-flow.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { ConnectionOverview } from '../insight/connection-overview.js';
import type { ConnectionDetails, ConnectionSummary } from '../insight/connection-overview.js';
import { SetAsideRecords } from '../insight/set-aside-records.js';
import type { QuarantinedEntry, SkippedEntry } from '../insight/set-aside-records.js';
import { RequiresConnectionSlot } from '../plan/requires-connection-slot.decorator.js';
import { callbackPathOf } from './callback-path.js';
import type { RoutedRequest } from './callback-path.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const connectBody = z.strictObject({ provider: z.string().min(1).max(64) });
const pageQuery = z.object({
  after: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

@Controller('connections')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class ConnectionsController {
  constructor(
    private readonly flow: ConnectFlow,
    private readonly overview: ConnectionOverview,
    private readonly setAside: SetAsideRecords,
  ) {}

  @Get()
  list(@CurrentTenant() tenant: Tenant): Promise<ConnectionSummary[]> {
    return this.overview.list(tenant.workspaceId);
  }

  /** Begins a connect: send the browser to `authorizeUrl`. */
  @Post()
  @RequiresConnectionSlot()
  connect(
    @CurrentTenant() tenant: Tenant,
    @Req() request: RoutedRequest,
    @Body() body: unknown,
  ): Promise<ConnectRedirect> {
    const { provider } = parseInput(connectBody, body);
    return this.flow.begin(tenant, provider, callbackPathOf(request));
  }

  @Get(':connectionId')
  details(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<ConnectionDetails> {
    return this.overview.details(tenant.workspaceId, id);
  }

  @Get(':connectionId/skipped')
  skipped(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query() page: unknown,
  ): Promise<SkippedEntry[]> {
    return this.setAside.skipped(tenant.workspaceId, id, parseInput(pageQuery, page));
  }

  @Get(':connectionId/quarantined')
  quarantined(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query() page: unknown,
  ): Promise<QuarantinedEntry[]> {
    return this.setAside.quarantined(tenant.workspaceId, id, parseInput(pageQuery, page));
  }
}
