import { Controller, Get, Param, ParseUUIDPipe, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { RECORD_KINDS } from '../contract/records.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { Provenance } from '../insight/provenance/provenance.js';
import type { RecordProvenance } from '../insight/provenance/value-provenance.js';
import { RecordLookup } from '../insight/record-lookup.js';
import type { RecordAnswer } from '../insight/record-lookup.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const kindSchema = z.enum(RECORD_KINDS);
const remoteIdSchema = z.string().min(1).max(256);

@Controller('connections/:connectionId/records')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class RecordsController {
  constructor(
    private readonly lookup: RecordLookup,
    private readonly provenance: Provenance,
  ) {}

  /** One record by its id in the ATS: as it is kept, or why it is not here. */
  @Get(':kind/:remoteId')
  find(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('kind', { schema: kindSchema }) kind: string,
    @Param('remoteId', { schema: remoteIdSchema }) remoteId: string,
  ): Promise<RecordAnswer> {
    return this.lookup.find(tenant.workspaceId, id, parseInput(kindSchema, kind), parseInput(remoteIdSchema, remoteId));
  }

  /** Why each value of it is as it is. */
  @Get(':kind/:remoteId/provenance')
  why(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Param('kind', { schema: kindSchema }) kind: string,
    @Param('remoteId', { schema: remoteIdSchema }) remoteId: string,
  ): Promise<RecordProvenance> {
    return this.provenance.of(
      tenant.workspaceId,
      id,
      parseInput(kindSchema, kind),
      parseInput(remoteIdSchema, remoteId),
    );
  }
}
