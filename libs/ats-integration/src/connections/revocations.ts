import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { execute, query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';
import { readCredentials } from './credentials.js';
import type { Credentials } from './credentials.js';
import type { IssueOrigin } from './issues.js';
import { giveBack } from './revocation-entries.js';
import { removeRemoteHooks } from './remote-hooks.js';
import { revocationContext } from './sealed-contexts.js';
import { SessionTransport } from './session-transport.js';
import { sharingOf } from './shared-grants.js';
import { TokenEndpoint } from './token-endpoint.js';

const MOST_IN_A_SWEEP = 20;
const CONCURRENCY = 4;
/** Longer than both requests of one entry may last: while its holder may still be asking, nobody else does. */
const FIRST_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 3600;
const GIVEN_UP_AFTER_HOURS = 24;

interface Entry {
  readonly id: string;
  readonly connection_id: string;
  readonly workspace_id: string;
  readonly provider: string;
  readonly sealed_credentials: string;
  readonly attempts: number;
  readonly remote_hooks: readonly string[];
  readonly too_old: boolean;
}

/** Gives grants of disconnected connections back to their ATS (RFC 7009). Whatever comes of it, the credentials are destroyed within a day. */
@Injectable()
export class Revocations {
  readonly #logger = new Logger('AtsDisconnect');

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly endpoint: TokenEndpoint,
    private readonly transport: SessionTransport,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /**
   * Hands over what a connection holds, in the transaction that ends it. Without an endpoint at the ATS there is nothing to
   * do there, and the credentials are simply destroyed.
   */
  async handOver(
    em: EntityManager,
    connection: IssueOrigin,
    now: Date,
    remoteHooks: readonly string[] = [],
  ): Promise<void> {
    if (!this.registry.has(connection.provider)) return;
    const { provider } = this.registry.get(connection.provider);
    try {
      const { credentials } = await readCredentials(em, this.box, connection.id);
      await giveBack(em, this.box, provider, connection, credentials, now, remoteHooks);
    } catch (error) {
      // A lost key must not keep anybody from disconnecting.
      if (!(error instanceof AtsError)) throw error;
      this.#logger.warn(`The authorisation of connection ${connection.id} is not given back: ${error.message}`);
    }
  }

  /** Returns how many were settled: given back, or given up. `stopped`: asked before each entry. */
  async sweep(stopped: () => boolean = () => false): Promise<number> {
    const queue = new PQueue({ concurrency: CONCURRENCY });
    let settled = 0;
    let more = true;
    const next = async (): Promise<void> => {
      if (!more || stopped()) return;
      const entry = await this.#take();
      more = entry !== null;
      if (entry !== null && (await this.#settle(entry))) settled += 1;
    };
    try {
      await queue.addAll(Array.from({ length: MOST_IN_A_SWEEP }, () => next));
    } finally {
      // One that failed leaves the others under way.
      await queue.onIdle();
    }
    return settled;
  }

  /**
   * Taken by moving its next moment on, and not before it is asked for: what a process that dies holds is another one's
   * then, and what waits behind slow ones may be another one's now.
   */
  async #take(): Promise<Entry | null> {
    const [entry] = await query<Entry>(
      this.em.fork(),
      `update ats.revocations r set attempts = r.attempts + 1,
         not_before = now() + make_interval(secs => least($1::float8 * power(2, least(r.attempts, 10)), $2::float8))
       where id = (select id from ats.revocations where not_before is null or not_before <= now()
         order by created_at limit 1 for update skip locked)
       returning id, connection_id, workspace_id, provider, sealed_credentials, attempts, remote_hooks,
         created_at < now() - make_interval(hours => $3) as too_old`,
      [FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, GIVEN_UP_AFTER_HOURS],
    );
    return entry ?? null;
  }

  async #settle(entry: Entry): Promise<boolean> {
    const about = `The authorisation of disconnected connection ${entry.connection_id}`;
    try {
      const sharing = await sharingOf(this.em.fork(), entry.connection_id);
      if (sharing === 'opening' && !entry.too_old) return false;
      if (sharing === 'living') {
        await this.#removeHooks(entry, this.#open(entry));
        this.#logger.log(`${about} stays at the ATS, where another connection may live on it; it is forgotten here.`);
      } else if (entry.too_old) {
        this.#logger.warn(
          `${about} could not be given back within ${GIVEN_UP_AFTER_HOURS} hours; it is forgotten here. Remove the app in the ATS's own settings.`,
        );
      } else {
        await this.#revoke(entry);
        this.#logger.log(`${about} was given back.`);
      }
    } catch (error) {
      this.#logger.warn(
        `${about} could not be given back yet: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
      return false;
    }
    await execute(this.em.fork(), `delete from ats.revocations where id = $1`, [entry.id]);
    return true;
  }

  async #revoke(entry: Entry): Promise<void> {
    const { provider, config } = this.registry.get(entry.provider);
    const credentials = this.#open(entry);
    await this.#removeHooks(entry, credentials);
    if (credentials.kind !== 'oauth2' || provider.manifest.auth.kind !== 'oauth2') return;
    if (provider.manifest.auth.revokePath === null) return;
    // The refresh token first: it is the one that lasts, and most servers end its access tokens with it (RFC 7009 §2.1).
    if (credentials.refreshToken !== null)
      await this.endpoint.revoke(provider, config, credentials.refreshToken, 'refresh_token');
    await this.endpoint.revoke(provider, config, credentials.accessToken, 'access_token');
  }

  #open(entry: Entry): Credentials {
    const context = revocationContext({ id: entry.id, workspaceId: entry.workspace_id });
    return JSON.parse(this.box.open(entry.sealed_credentials, context)) as Credentials;
  }

  /** Before the grant goes with which that is done. Whatever comes of it, the grant goes: the route refuses their deliveries already. */
  async #removeHooks(entry: Entry, credentials: Credentials): Promise<void> {
    const { provider, config } = this.registry.get(entry.provider);
    try {
      const hooks = { provider, config, credentials, account: entry.connection_id, remoteIds: entry.remote_hooks };
      await removeRemoteHooks(this.transport, hooks);
    } catch (error) {
      this.#logger.warn(
        `Webhooks of disconnected connection ${entry.connection_id} could not be removed in the ATS: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
    }
  }
}
