import { createHash, randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';

export const STATE_MINUTES = 10;

/** Who signs in, and in which browser. */
export interface Person {
  readonly workspaceId: string;
  readonly userId: string;
  /** The secret of the sign-in cookie: an answer that another browser brings is refused. */
  readonly browser: string;
}

export type SignInPurpose = 'connect' | 'reconnect';

export interface SignInOf {
  readonly connectionId: string;
  readonly provider: string;
  readonly purpose: SignInPurpose;
  readonly redirectUri: string;
}

export interface RedeemedState extends SignInOf {
  readonly verifier: string | null;
  /** Of the connection when the state was redeemed: what happens to it meanwhile makes the answer void. */
  readonly epoch: number;
}

/** The single-use proof that a callback belongs to a sign-in that this user of this workspace began in this browser. */
@Injectable()
export class OAuthStates {
  constructor(
    private readonly em: EntityManager,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** A new state of 256 random bits for the authorize address; only its hash is kept. */
  async issue(person: Person, signIn: SignInOf, verifier: string | null): Promise<string> {
    if (person.browser === '') throw new Error('A sign-in needs a secret that only the browser has.');
    const state = randomBytes(32).toString('base64url');
    await execute(
      this.em.fork(),
      `insert into ats.connect_states
         (state_hash, connection_id, workspace_id, user_id, browser_hash, provider, purpose, redirect_uri, sealed_verifier, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        sha256(state),
        signIn.connectionId,
        person.workspaceId,
        person.userId,
        sha256(person.browser),
        signIn.provider,
        signIn.purpose,
        signIn.redirectUri,
        verifier === null ? null : this.box.seal(verifier, contextOf(signIn.connectionId)),
        new Date(this.clock.now().getTime() + STATE_MINUTES * 60_000),
      ],
    );
    return state;
  }

  /**
   * Takes the state; it never works again.
   * @throws AtsError `connect-state-invalid` when it is unknown, used, expired, or another user's, workspace's, browser's or provider's.
   */
  async redeem(state: string, person: Person, provider: string): Promise<RedeemedState> {
    const [row] = await query<{
      connection_id: string;
      purpose: SignInPurpose;
      redirect_uri: string;
      sealed_verifier: string | null;
      epoch: number;
    }>(
      this.em.fork(),
      `update ats.connect_states s set used_at = $6 from ats.connections c
       where s.state_hash = $1 and s.workspace_id = $2 and s.user_id = $3 and s.browser_hash = $4 and s.provider = $5
         and s.used_at is null and s.expires_at > $6 and c.id = s.connection_id
       returning s.connection_id, s.purpose, s.redirect_uri, s.sealed_verifier, c.epoch`,
      [sha256(state), person.workspaceId, person.userId, sha256(person.browser), provider, this.clock.now()],
    );
    if (row === undefined) {
      throw new AtsError(
        'connect-state-invalid',
        'This sign-in was finished already, took longer than 10 minutes, or was begun by somebody else or in another browser. Start again in Settings → Integrations.',
      );
    }
    const { connection_id: connectionId, purpose, epoch } = row;
    return {
      connectionId,
      provider,
      purpose,
      epoch,
      redirectUri: row.redirect_uri,
      verifier: row.sealed_verifier === null ? null : this.box.open(row.sealed_verifier, contextOf(connectionId)),
    };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function contextOf(connectionId: string): string {
  return `v1|${connectionId}|connect_states.sealed_verifier`;
}
