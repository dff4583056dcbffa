import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { HookAdmin } from '../webhooks/hook-admin.js';
import type { WebhookView } from '../webhooks/hook-admin.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const secretBody = z
  .strictObject({ event: z.string().min(1).max(100).optional(), secret: z.string().min(8).max(512).optional() })
  .prefault({});

@Controller('connections/:connectionId/webhooks')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class ConnectionWebhooksController {
  constructor(private readonly hooks: HookAdmin) {}

  /** Whether webhooks come, and what an admin has to do for it. Never a secret. */
  @Get()
  view(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<WebhookView> {
    return this.hooks.view(tenant.workspaceId, id);
  }

  /** Gives a new secret of ours (shown this once), or takes one that the ATS showed; the one before holds a day longer. */
  @Post('secrets')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  exchangeSecret(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Body({ schema: secretBody }) body: unknown,
  ): Promise<{ readonly secret: string | null }> {
    return this.hooks.exchangeSecret(tenant.workspaceId, id, parseInput(secretBody, body ?? {}));
  }
}
