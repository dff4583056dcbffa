import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Put,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { StageMapper } from '../sync/stage-mapper.js';
import type { StageMappingView } from '../sync/stage-mapper.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const mappingsBody = z.strictObject({
  mappings: z
    .array(
      z.strictObject({
        key: z.string().min(1).max(512),
        hostStageId: z.string().min(1).max(128).nullable(),
        jobRemoteId: z.string().min(1).max(256).nullish(),
      }),
    )
    .min(1)
    .max(1000),
});

@Controller('connections/:connectionId/stage-mappings')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class StageMappingsController {
  constructor(private readonly mapper: StageMapper) {}

  @Get()
  view(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<StageMappingView> {
    return this.mapper.view(tenant.workspaceId, id);
  }

  /** Confirms mappings; applications that stood elsewhere because of them are moved in Elly's pipeline. */
  @Put()
  confirm(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Body({ schema: mappingsBody }) body: unknown,
  ): Promise<StageMappingView> {
    const { mappings } = parseInput(mappingsBody, body);
    return this.mapper.confirm(tenant.workspaceId, id, tenant.userId, mappings);
  }

  /** Somebody looked at what the ATS changed about its stages and leaves the mapping as it is. */
  @Post('reviewed')
  @HttpCode(204)
  reviewed(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<void> {
    return this.mapper.reviewed(tenant.workspaceId, id);
  }
}
