import type { Tenant } from './tenant-resolver.port.js';

/** Where the first of our guards leaves the tenant for the others and for the handlers. */
export const TENANT_KEY = Symbol('ats.tenant');

export type TenantRequest = { readonly headers: Record<string, unknown> } & { [TENANT_KEY]?: Tenant };
