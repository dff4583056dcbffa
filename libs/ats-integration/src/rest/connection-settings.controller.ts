import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, UseFilters, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { ConnectionPreferences } from '../connections/connection-preferences.js';
import { connectionSettingsSchema } from '../connections/connection-settings.js';
import type { ConnectionSettings } from '../connections/connection-settings.js';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { parseInput } from './parse-body.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

const { openJobsOnly, actingUser, conflicts, fields, reasons } = connectionSettingsSchema.shape;
/** Null takes a setting back to its default; what is not named stays as it is. */
const settingsBody = z.strictObject({
  openJobsOnly: openJobsOnly.nullable(),
  actingUser: actingUser.nullable(),
  conflicts: conflicts.nullable(),
  fields: fields.nullable(),
  reasons: reasons.nullable(),
});

/** What a customer sets for one connection: in whose name moves are made, who wins a conflict, which fields are left to the ATS, reasons that are taken by default. */
@Controller('connections/:connectionId/settings')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class ConnectionSettingsController {
  constructor(private readonly preferences: ConnectionPreferences) {}

  @Get()
  read(@CurrentTenant() tenant: Tenant, @Param('connectionId', ParseUUIDPipe) id: string): Promise<ConnectionSettings> {
    return this.preferences.read(tenant.workspaceId, id);
  }

  @Patch()
  change(
    @CurrentTenant() tenant: Tenant,
    @Param('connectionId', ParseUUIDPipe) id: string,
    @Body({ schema: settingsBody }) body: unknown,
  ): Promise<ConnectionSettings> {
    return this.preferences.change(tenant.workspaceId, id, parseInput(settingsBody, body));
  }
}
