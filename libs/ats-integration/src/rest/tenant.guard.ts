import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { firstValueFrom, isObservable } from 'rxjs';
import { TENANT_KEY } from '../host/tenant-request.js';
import type { TenantRequest } from '../host/tenant-request.js';
import { TenantResolver } from '../host/tenant-resolver.port.js';

/** The guards that the host put before our routes. */
export const HostGuards = Symbol('HostGuards');

/** Lets the host's guards decide, then asks the host whose request this is. */
@Injectable()
export class TenantGuard implements CanActivate {
  constructor(
    @Inject(HostGuards) private readonly guards: readonly CanActivate[],
    @Inject(TenantResolver) private readonly tenants: TenantResolver,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    for (const guard of this.guards) {
      const answer = guard.canActivate(context);
      if (!(await (isObservable(answer) ? firstValueFrom(answer) : answer))) return false;
    }
    const request = context.switchToHttp().getRequest<TenantRequest>();
    request[TENANT_KEY] = await this.tenants.resolve(request);
    return true;
  }
}
