import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { RECORD_KINDS } from '../contract/records.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { DELETION_DECISIONS, HeldDeletions } from '../sync/held-deletions.js';
import type { HeldDeletion } from '../sync/held-deletions.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const decisionBody = z.strictObject({ kind: z.enum(RECORD_KINDS), decision: z.enum(DELETION_DECISIONS) });

@Controller('connections/:connectionId/deletions')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class DeletionsController {
  constructor(private readonly held: HeldDeletions) {}

  /** What vanished from the ATS in so great a number that nothing was marked: each kind waits for a decision. */
  @Get()
  list(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<HeldDeletion[]> {
    return this.held.list(tenant.workspaceId, id);
  }

  /** `approve`: what the ATS told of is marked, and a listing begins and marks what is still gone. `reject`: everything stays as it is. */
  @Post('decision')
  @HttpCode(202)
  async decide(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Body({ schema: decisionBody }) body: unknown,
  ): Promise<{ readonly decided: number }> {
    const { kind, decision } = parseInput(decisionBody, body);
    return { decided: await this.held.decide(tenant.workspaceId, id, { kind, decision, by: tenant.userId }) };
  }
}
