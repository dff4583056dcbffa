import { Controller, Get, Param, ParseUUIDPipe, Query, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { FieldChangeHistory } from '../field-changes/field-change-history.js';
import type { FieldChangeView } from '../field-changes/field-change-history.js';
import { FIELD_CHANGE_STATUSES } from '../field-changes/field-change-status.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const listQuery = z.object({
  status: z.enum(FIELD_CHANGE_STATUSES).optional(),
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Edits of candidates on their way to the ATS: what became of them. The host edits its own candidates; it has a service for that. */
@Controller('connections/:connectionId')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class FieldChangesController {
  constructor(private readonly history: FieldChangeHistory) {}

  @Get('field-changes')
  list(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query({ schema: listQuery }) query: unknown,
  ): Promise<FieldChangeView[]> {
    return this.history.list(tenant.workspaceId, id, parseInput(listQuery, query));
  }

  /** `candidateId`: the library's id, as events and the pipeline carry it. */
  @Get('candidates/:candidateId/field-changes')
  ofCandidate(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('candidateId', ParseUUIDPipe) candidateId: string,
  ): Promise<FieldChangeView[]> {
    return this.history.ofCandidate(tenant.workspaceId, id, candidateId);
  }
}
