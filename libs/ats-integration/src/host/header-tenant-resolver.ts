import { Injectable, UnauthorizedException } from '@nestjs/common';
import type { Tenant, TenantResolver } from './tenant-resolver.port.js';

/** The default, for development only: believes the headers `x-workspace-id` and `x-user-id`. The module refuses to start with it in production. */
@Injectable()
export class HeaderTenantResolver implements TenantResolver {
  resolve(request: { readonly headers: Readonly<Record<string, unknown>> }): Promise<Tenant> {
    const { 'x-workspace-id': workspaceId, 'x-user-id': userId } = request.headers;
    if (typeof workspaceId !== 'string' || workspaceId === '' || typeof userId !== 'string' || userId === '') {
      throw new UnauthorizedException(
        'Send the headers x-workspace-id and x-user-id, or give the ATS module a TenantResolver.',
      );
    }
    return Promise.resolve({ workspaceId, userId });
  }
}
