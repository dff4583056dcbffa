import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { ConnectionStatus } from '../connections/connection-status.js';
import { connectionNotFound } from '../connections/owned-connection.js';
import { refuseSuspended } from '../connections/suspension.js';
import { query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { SyncRuns } from '../sync/sync-runs.js';
import type { RunKind } from '../sync/sync-run-status.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { accountOf, othersLike } from './accounts.js';
import type { AccountVerdict, OtherConnections } from './accounts.js';
import type { Approved } from './activation.js';
import { refuseSecond, toldSecond } from './already-connected.js';
import { storeApproval } from './store-approval.js';

export interface RenewableConnection {
  readonly id: string;
  readonly provider: string;
  readonly epoch: number;
}

interface ConnectionRow extends RenewableConnection {
  readonly status: ConnectionStatus;
  readonly status_reason: string | null;
  readonly remoteAccountId: string | null;
  readonly remoteAccountName: string | null;
  readonly synced: boolean;
}

/** Signing in again: the connection keeps its id, mappings, cursors and records, and catches up. It costs no credit. */
@Injectable()
export class Renewal {
  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws AtsError `not-found` (another workspace's too), `suspended`, `not-connected` */
  async renewable(workspaceId: string, connectionId: string): Promise<RenewableConnection> {
    const connection = await this.#find(workspaceId, connectionId);
    refuseSuspended(connection);
    if (connection.status === 'disconnected' || connection.status === 'authorizing') {
      throw new AtsError(
        'not-connected',
        'This connection was disconnected. Connect the ATS again; its records are found.',
      );
    }
    return connection;
  }

  /**
   * @throws AtsError `different-account`, `connect-overtaken`, `already-connected`, `first-import-running`; nothing has
   * changed then.
   */
  async renew({ connectionId, workspaceId, epoch, approval }: Approved): Promise<string> {
    const connection = await this.#find(workspaceId, connectionId);
    const verdict = await accountOf(this.em.fork(), connection, approval);
    if (verdict !== 'same' && verdict !== 'unknown') {
      throw differentAccount(connection.remoteAccountName, approval.profile.accountName, verdict);
    }
    const look = () => othersLike(this.em.fork(), { id: connectionId, workspaceId }, approval);
    if (verdict === 'unknown') await this.#refuseSecond(look);
    const kind: RunKind = connection.synced ? 'incremental' : 'initial';
    const runId = await this.#store({ connectionId, workspaceId, epoch, approval }, kind).catch(
      async (error: unknown) => {
        throw await toldSecond(error, look);
      },
    );
    if (runId !== null) await this.runs.wake(runId, kind);
    return connectionId;
  }

  #store({ connectionId, workspaceId, epoch, approval }: Approved, kind: RunKind): Promise<string | null> {
    return this.em.fork().transactional(async (em) => {
      const now = this.clock.now();
      const renewed = await storeApproval(em, this.box, { id: connectionId, workspaceId }, approval, now, {
        from: ['active', 'reconnect_required'],
        epoch,
      });
      if (renewed === 0) {
        throw new AtsError('connect-overtaken', 'This connection was disconnected or suspended meanwhile.');
      }
      const origin = { workspaceId, connectionId, provider: approval.provider };
      await writeEvents(em, origin, now, [{ type: 'connection.reconnected' }]);
      return this.runs.createAgain(em, connectionId, kind);
    });
  }

  /**
   * A connection that has no record yet may be signed in to the account of another one: everything would come in twice.
   * Two that both wait for a sign-in do not wait for each other.
   */
  async #refuseSecond(look: () => Promise<OtherConnections>): Promise<void> {
    const { twin, untold } = await look();
    refuseSecond({ twin, untold: untold?.status === 'reconnect_required' ? null : untold });
  }

  async #find(workspaceId: string, connectionId: string): Promise<ConnectionRow> {
    const [row] = await query<ConnectionRow>(
      this.em.fork(),
      `select id, provider, epoch, status, status_reason, remote_account_id as "remoteAccountId",
         remote_account_name as "remoteAccountName", last_synced_at is not null as synced
       from ats.connections where id = $1 and workspace_id = $2`,
      [connectionId, workspaceId],
    );
    if (row === undefined) throw connectionNotFound();
    return row;
  }
}

function differentAccount(
  linked: string | null,
  approved: string | null,
  verdict: Exclude<AccountVerdict, 'same' | 'unknown'>,
): AtsError {
  const mine = linked === null ? 'another account' : `the account "${linked}"`;
  const yours = approved === null ? 'the one that you signed in to' : `"${approved}"`;
  const whys = {
    jobless: `Jobs were imported over this connection, but the account that you signed in to lists no jobs, so it is taken for another one and nothing was changed: records would be mixed up. If it is the right account, sign in as somebody who may see its jobs.`,
    unreadable: `Records were imported over this connection, but the account that you signed in to shows none that can be read, so whether it is the same one cannot be told and nothing was changed: records would be mixed up. If it is the right account, sign in as somebody who may see its jobs and users.`,
    different: `This connection belongs to ${mine} of the ATS, not to ${yours}, so nothing was changed: its records would be mixed up.`,
  };
  return new AtsError(
    'different-account',
    `${whys[verdict]} Sign in to the account that it belongs to, or disconnect it and connect the new one.`,
  );
}
