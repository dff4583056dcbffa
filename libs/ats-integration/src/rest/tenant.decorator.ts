import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Tenant } from '../host/tenant-resolver.port.js';

/** Where the guard leaves the tenant for the handlers. */
export const TENANT_KEY = Symbol('ats.tenant');

export type TenantRequest = { readonly headers: Record<string, unknown> } & { [TENANT_KEY]?: Tenant };

/** The workspace and user of the request, as the host's `TenantResolver` says. */
export const CurrentTenant = createParamDecorator((_: unknown, context: ExecutionContext): Tenant => {
  const tenant = context.switchToHttp().getRequest<TenantRequest>()[TENANT_KEY];
  if (tenant === undefined) throw new Error('The tenant guard did not run before this handler.');
  return tenant;
});
