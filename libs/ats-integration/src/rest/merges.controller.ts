import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { CandidateMerges } from '../duplicates/candidate-merges.js';
import type { MergeView } from '../duplicates/merge-view.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const listQuery = z.object({
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

@Controller('merges')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class MergesController {
  constructor(private readonly merges: CandidateMerges) {}

  /** Who merged whom, when and with which choices, newest first. */
  @Get()
  list(@CurrentTenant() tenant: Tenant, @Query({ schema: listQuery }) query: unknown): Promise<MergeView[]> {
    return this.merges.list(tenant.workspaceId, parseInput(listQuery, query));
  }

  @Post(':mergeId/undo')
  @HttpCode(200)
  undo(@CurrentTenant() tenant: Tenant, @Param('mergeId', ParseUUIDPipe) mergeId: string): Promise<MergeView> {
    return this.merges.undo({ workspaceId: tenant.workspaceId, mergeId, actor: { userId: tenant.userId } });
  }
}
