import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { TENANT_KEY } from '../host/tenant-request.js';
import type { TenantRequest } from '../host/tenant-request.js';
import { TenantResolver } from '../host/tenant-resolver.port.js';
import { PlanUsage } from './plan-usage.js';

/**
 * Refuses a request that needs one more connection than the plan allows, before anything is begun. It counts what is
 * certain; a sign-in that is under way counts only when the place is taken, under the workspace's lock.
 */
@Injectable()
export class PlanLimitGuard implements CanActivate {
  constructor(
    private readonly usage: PlanUsage,
    @Inject(TenantResolver) private readonly tenants: TenantResolver,
  ) {}

  /** @throws AtsError `plan-limit-reached` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    // On a route of the host's own nobody has asked whose request it is.
    request[TENANT_KEY] ??= await this.tenants.resolve(request);
    await this.usage.assertPlace(request[TENANT_KEY].workspaceId);
    return true;
  }
}
