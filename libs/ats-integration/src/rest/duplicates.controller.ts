import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { z } from 'zod';
import { Duplicates } from '../duplicates/duplicates.js';
import type { DuplicateView, MergePreview } from '../duplicates/duplicates.js';
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
const one = z.enum(['left', 'right']).optional();
const many = z.enum(['left', 'right', 'both']).optional();
const mergeBody = z
  .strictObject({
    survivor: one,
    choices: z
      .strictObject({
        name: one,
        emails: many,
        phones: many,
        headline: one,
        company: one,
        location: one,
        links: many,
        tags: many,
        customFields: many,
      })
      .prefault({}),
  })
  .prefault({});

/** People who are twice in the workspace: found by the library, decided by a person. */
@Controller('duplicates')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class DuplicatesController {
  constructor(private readonly duplicates: Duplicates) {}

  @Get()
  list(@CurrentTenant() tenant: Tenant, @Query({ schema: listQuery }) query: unknown): Promise<DuplicateView[]> {
    return this.duplicates.list(tenant.workspaceId, parseInput(listQuery, query));
  }

  /** They are two: not suggested again, unless something new speaks for it. */
  @Post(':duplicateId/dismiss')
  @HttpCode(204)
  dismiss(@CurrentTenant() tenant: Tenant, @Param('duplicateId', ParseUUIDPipe) id: string): Promise<void> {
    return this.duplicates.dismiss(tenant.workspaceId, id, tenant.userId);
  }

  @Get(':duplicateId/preview')
  preview(@CurrentTenant() tenant: Tenant, @Param('duplicateId', ParseUUIDPipe) id: string): Promise<MergePreview> {
    return this.duplicates.preview(tenant.workspaceId, id);
  }

  @Post(':duplicateId/merge')
  @HttpCode(200)
  merge(
    @CurrentTenant() tenant: Tenant,
    @Param('duplicateId', ParseUUIDPipe) id: string,
    @Body({ schema: mergeBody }) body: unknown,
  ): Promise<MergeView> {
    const { workspaceId, userId } = tenant;
    const request = parseInput(mergeBody, body ?? {});
    return this.duplicates.merge({ ...request, workspaceId, duplicateId: id, actor: { userId } });
  }
}
