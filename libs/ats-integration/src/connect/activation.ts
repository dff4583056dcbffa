import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AccountProfile } from '../contract/auth.js';
import { sealCredentials } from '../connections/credentials.js';
import type { Credentials } from '../connections/credentials.js';
import { execute } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';
import { CreditLedger } from '../plan/credit-ledger.port.js';
import { SyncRuns } from '../sync/sync-runs.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { chargeKey } from './slots.js';

export interface Approved {
  readonly connectionId: string;
  readonly workspaceId: string;
  readonly provider: string;
  readonly epoch: number;
  readonly credentials: Credentials;
  readonly scopes: readonly string[];
  readonly profile: AccountProfile;
  readonly refreshExpiresAt: Date | null;
}

/** The moment of truth: credentials stored, credit committed, connection active and its first run queued, in one transaction. */
@Injectable()
export class Activation {
  constructor(
    private readonly em: EntityManager,
    private readonly runs: SyncRuns,
    @Inject(CreditLedger) private readonly credits: CreditLedger,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws AtsError `connect-overtaken`, `already-connected`; nothing was charged then. */
  async activate(approved: Approved): Promise<void> {
    const runId = await this.#activate(approved).catch((error: unknown) => {
      throw isSecondOfAccount(error)
        ? new AtsError(
            'already-connected',
            'This account is connected to this workspace already. Nothing more was connected and no credit was used.',
          )
        : error;
    });
    await this.runs.wake(runId, 'initial');
  }

  #activate(approved: Approved): Promise<string> {
    const { connectionId, workspaceId, provider, profile, credentials } = approved;
    return this.em.fork().transactional(async (em) => {
      const now = this.clock.now();
      const activated = await execute(
        em,
        `update ats.connections set status = 'active', status_reason = null, sealed_credentials = $2,
           credentials_version = credentials_version + 1, access_expires_at = now() + make_interval(secs => $3), refreshed_at = now(),
           refresh_expires_at = $4, remote_account_id = $5,
           remote_account_name = $6, authorised_by = $7, warnings = $8::jsonb, scopes = $9::jsonb
         where id = $1 and status = 'authorizing' and epoch = $10`,
        [
          connectionId,
          sealCredentials(this.box, { id: connectionId, workspaceId }, credentials),
          // A length, counted from the database's clock: every worker judges by that one.
          credentials.kind === 'oauth2' ? (credentials.expiresAt - Date.now()) / 1000 : null,
          approved.refreshExpiresAt,
          profile.accountId,
          profile.accountName,
          profile.authorisedBy,
          JSON.stringify(profile.warnings),
          JSON.stringify(approved.scopes),
          approved.epoch,
        ],
      );
      if (activated === 0)
        throw new AtsError('connect-overtaken', 'This connect was given up meanwhile. Start again with Connect.');
      await this.credits.commit(chargeKey(connectionId, approved.epoch), em);
      await writeEvents(em, { workspaceId, connectionId, provider }, now, [{ type: 'connection.activated' }]);
      return this.runs.create(em, connectionId, 'initial', 'connect');
    });
  }
}

/** The database is who knows for sure: two sign-ins may end at once. */
function isSecondOfAccount(error: unknown): boolean {
  return error instanceof Error && error.message.includes('connections_one_per_account');
}
