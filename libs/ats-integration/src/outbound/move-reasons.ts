import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { notConnected } from '../connections/credentials.js';
import { connectionNotFound } from '../connections/owned-connection.js';
import { ProviderSessions } from '../connections/provider-sessions.js';
import type { SessionTarget } from '../connections/provider-sessions.js';
import { refuseSuspended } from '../connections/suspension.js';
import type { MoveReason } from '../contract/stage-change.js';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';

const DEADLINE_MS = 20_000;

/** Reasons to choose from when rejecting or hiring, as the ATS has them now. */
@Injectable()
export class MoveReasons {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly sessions: ProviderSessions,
  ) {}

  /**
   * None where the ATS takes no moves or asks for no reason.
   * @throws AtsError `not-found`, `not-connected`, `suspended`; ProviderFault
   */
  async list(workspaceId: string, connectionId: string): Promise<readonly MoveReason[]> {
    const [connection] = await query<SessionTarget & { status: string; status_reason: string | null }>(
      this.em.fork(),
      `select id, provider, epoch, remote_account_id as "remoteAccountId", scopes, status, status_reason
       from ats.connections where workspace_id = $1 and id = $2`,
      [workspaceId, connectionId],
    );
    if (connection === undefined) throw connectionNotFound();
    refuseSuspended(connection);
    if (connection.status !== 'active') throw notConnected();
    const { stageChanges } = this.registry.get(connection.provider).provider;
    if (stageChanges === undefined) return [];
    return stageChanges.reasons(this.sessions.open(connection, AbortSignal.timeout(DEADLINE_MS)).context);
  }
}
