import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { TENANT_KEY } from '../host/tenant-request.js';
import type { TenantRequest } from '../host/tenant-request.js';
import type { Tenant } from '../host/tenant-resolver.port.js';

/** The workspace and user of the request, as the host's `TenantResolver` says. */
export const CurrentTenant = createParamDecorator((_: unknown, context: ExecutionContext): Tenant => {
  const tenant = context.switchToHttp().getRequest<TenantRequest>()[TENANT_KEY];
  if (tenant === undefined) throw new Error('The tenant guard did not run before this handler.');
  return tenant;
});
