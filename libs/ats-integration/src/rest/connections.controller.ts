import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { ConnectFlow } from '../connect/connect-flow.js';
import type { ConnectRedirect } from '../connect/connect-flow.js';
import { Disconnect } from '../connect/disconnect.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { ConnectionOverview } from '../insight/connection-overview.js';
import type { ConnectionDetails, ConnectionSummary } from '../insight/connection-overview.js';
import { SetAsideRecords } from '../insight/set-aside-records.js';
import type { QuarantinedEntry, SkippedEntry } from '../insight/set-aside-records.js';
import { RequiresConnectionSlot } from '../plan/requires-connection-slot.decorator.js';
import { callbackPathOf } from './callback-path.js';
import type { RoutedRequest } from './callback-path.js';
import { parseInput } from './parse-body.js';
import { AtsOptions } from '../support/options-token.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { SignInCookie } from './sign-in-cookie.js';
import type { CookieReply } from './sign-in-cookie.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

// Nest hands these to whoever documents the routes and to the host's validation pipe, if there is one; we check by ourselves.

/** The form of an ATS that is connected by API key, by the names of its fields. */
const keyForm = z.record(z.string().max(64), z.string().max(4096)).optional();
const connectBody = z.strictObject({ provider: z.string().min(1).max(64), fields: keyForm });
const reconnectBody = z.strictObject({ fields: keyForm }).prefault({});
const pageQuery = z.object({
  after: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

@Controller('connections')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class ConnectionsController {
  readonly #cookie: SignInCookie;

  constructor(
    private readonly flow: ConnectFlow,
    private readonly overview: ConnectionOverview,
    private readonly setAside: SetAsideRecords,
    private readonly ending: Disconnect,
    @Inject(AtsOptions) options: AtsIntegrationOptions,
  ) {
    this.#cookie = new SignInCookie(options.publicUrl);
  }

  @Get()
  list(@CurrentTenant() tenant: Tenant): Promise<ConnectionSummary[]> {
    return this.overview.list(tenant.workspaceId);
  }

  /** Begins a connect: send the browser to `authorizeUrl`; it is null when an API key was enough. */
  @Post()
  @RequiresConnectionSlot()
  connect(
    @CurrentTenant() tenant: Tenant,
    @Req() request: RoutedRequest,
    @Res({ passthrough: true }) reply: CookieReply,
    @Body({ schema: connectBody }) body: unknown,
  ): Promise<ConnectRedirect> {
    const { provider, fields } = parseInput(connectBody, body);
    const browser = this.#cookie.issue(request.headers, reply);
    return this.flow.begin({ ...tenant, browser }, provider, { callbackPath: callbackPathOf(request), fields });
  }

  /** Signs in again at the same ATS account: the connection goes on where it stopped, at no cost. */
  @Post(':connectionId/reconnect')
  @HttpCode(200)
  reconnect(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Req() request: RoutedRequest,
    @Res({ passthrough: true }) reply: CookieReply,
    @Body({ schema: reconnectBody }) body: unknown,
  ): Promise<ConnectRedirect> {
    const { fields } = parseInput(reconnectBody, body ?? {});
    const browser = this.#cookie.issue(request.headers, reply);
    return this.flow.beginAgain({ ...tenant, browser }, id, { callbackPath: callbackPathOf(request), fields });
  }

  @Get(':connectionId')
  details(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<ConnectionDetails> {
    return this.overview.details(tenant.workspaceId, id);
  }

  /** Ends the connection: no more syncs, credentials destroyed and given back to the ATS; everything that was imported stays. */
  @Delete(':connectionId')
  @HttpCode(204)
  disconnect(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<void> {
    return this.ending.disconnect(tenant.workspaceId, id, tenant.userId);
  }

  @Get(':connectionId/skipped')
  skipped(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query({ schema: pageQuery }) page: unknown,
  ): Promise<SkippedEntry[]> {
    return this.setAside.skipped(tenant.workspaceId, id, parseInput(pageQuery, page));
  }

  @Get(':connectionId/quarantined')
  quarantined(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query({ schema: pageQuery }) page: unknown,
  ): Promise<QuarantinedEntry[]> {
    return this.setAside.quarantined(tenant.workspaceId, id, parseInput(pageQuery, page));
  }
}
