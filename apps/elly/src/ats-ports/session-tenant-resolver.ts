import type { Tenant, TenantResolver } from '@elly/ats-integration';
import { Injectable } from '@nestjs/common';
import { Sessions } from '../session/sessions.js';

/** The library's question "whose request is this?", answered by Elly's own session. */
@Injectable()
export class SessionTenantResolver implements TenantResolver {
  constructor(private readonly sessions: Sessions) {}

  async resolve(request: { readonly headers: Readonly<Record<string, unknown>> }): Promise<Tenant> {
    const { workspaceId, userId } = await this.sessions.of(request);
    return { workspaceId, userId };
  }
}
