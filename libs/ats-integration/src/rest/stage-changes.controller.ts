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
import type { MoveReason } from '../contract/stage-change.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { ChangeDecisions } from '../outbound/change-decisions.js';
import { ChangeHistory } from '../outbound/change-history.js';
import type { StageChangeView } from '../outbound/change-history.js';
import { MoveReasons } from '../outbound/move-reasons.js';
import { CHANGE_STATUSES } from '../outbound/stage-change-status.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const listQuery = z.object({
  status: z.enum(CHANGE_STATUSES).optional(),
  after: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const retryBody = z
  .strictObject({
    rejection: z
      .strictObject({
        reasonRemoteId: z.string().min(1).max(256).nullable().default(null),
        note: z.string().max(4000).nullable().default(null),
      })
      .optional(),
  })
  .prefault({});

/** Moves on their way to the ATS: what became of them, and what a person may do about it. */
@Controller('connections/:connectionId')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class StageChangesController {
  constructor(
    private readonly history: ChangeHistory,
    private readonly decisions: ChangeDecisions,
    private readonly moveReasons: MoveReasons,
  ) {}

  @Get('stage-changes')
  list(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Query({ schema: listQuery }) query: unknown,
  ): Promise<StageChangeView[]> {
    return this.history.list(tenant.workspaceId, id, parseInput(listQuery, query));
  }

  /** `applicationId`: the library's id, as events and the pipeline carry it. */
  @Get('applications/:applicationId/stage-changes')
  ofApplication(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('applicationId', ParseUUIDPipe) applicationId: string,
  ): Promise<StageChangeView[]> {
    return this.history.ofApplication(tenant.workspaceId, id, applicationId);
  }

  /** Asks the ATS. */
  @Get('move-reasons')
  reasons(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
  ): Promise<readonly MoveReason[]> {
    return this.moveReasons.list(tenant.workspaceId, id);
  }

  /** Sends a refused or parked move once more, as a new change. */
  @Post('stage-changes/:changeId/retry')
  @HttpCode(202)
  retry(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('changeId', ParseUUIDPipe) changeId: string,
    @Body({ schema: retryBody }) body: unknown,
  ): Promise<StageChangeView> {
    const { rejection } = parseInput(retryBody, body ?? {});
    return this.decisions.retry(tenant, id, changeId, rejection);
  }

  /** Takes back a move that was not sent. */
  @Post('stage-changes/:changeId/cancel')
  @HttpCode(200)
  cancel(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('changeId', ParseUUIDPipe) changeId: string,
  ): Promise<StageChangeView> {
    return this.decisions.cancel(tenant, id, changeId);
  }
}
