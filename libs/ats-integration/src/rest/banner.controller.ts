import { Controller, Get, UseFilters, UseGuards } from '@nestjs/common';
import type { Tenant } from '../host/tenant-resolver.port.js';
import { Banners } from '../insight/banners.js';
import type { Banner } from '../insight/banners.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { CurrentTenant } from './tenant.decorator.js';
import { TenantGuard } from './tenant.guard.js';

/** What the app shows on every page until somebody acts: no sync without a sign-in, none beyond the plan. */
@Controller('banner')
@UseGuards(TenantGuard)
@UseFilters(ProblemDetailsFilter)
export class BannerController {
  constructor(private readonly banners: Banners) {}

  @Get()
  async list(@CurrentTenant() tenant: Tenant): Promise<{ readonly banners: readonly Banner[] }> {
    return { banners: await this.banners.list(tenant.workspaceId) };
  }
}
