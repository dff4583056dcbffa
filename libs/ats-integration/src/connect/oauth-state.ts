import { createHash, randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { verifierContext } from '../connections/sealed-contexts.js';
import { execute, query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { SealedBox } from '../support/sealed-box.js';

/** Well within the minutes for which a sign-in holds its place: a callback of the last second has the ATS's token endpoint to wait for. */
export const STATE_MINUTES = 10;
/** A sign-in that this person began in this browser: the first five parameters. */
const MINE = `s.state_hash = $1 and s.workspace_id = $2 and s.user_id = $3 and s.browser_hash = $4 and s.provider = $5`;

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
  readonly sealedVerifier: string | null;
  /** Of the connection when the state was redeemed: what happens to it meanwhile makes the answer void. */
  readonly epoch: number;
}

/**
 * The single-use proof that a callback belongs to a sign-in that this user of this workspace began in this browser. Its
 * life goes by the database's clock: the worker that hears the answer may not be the one that began.
 */
@Injectable()
export class OAuthStates {
  constructor(
    private readonly em: EntityManager,
    @Inject(SealedBox) private readonly box: SealedBox,
  ) {}

  /** A new state of 256 random bits for the authorize address; only its hash is kept. */
  async issue(person: Person, signIn: SignInOf, verifier: string | null): Promise<string> {
    if (person.browser === '') throw new Error('A sign-in needs a secret that only the browser has.');
    const state = randomBytes(32).toString('base64url');
    await execute(
      this.em.fork(),
      `insert into ats.connect_states
         (state_hash, connection_id, workspace_id, user_id, browser_hash, provider, purpose, redirect_uri, sealed_verifier, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(mins => $10))`,
      [
        sha256(state),
        signIn.connectionId,
        person.workspaceId,
        person.userId,
        sha256(person.browser),
        signIn.provider,
        signIn.purpose,
        signIn.redirectUri,
        verifier === null ? null : this.box.seal(verifier, verifierContext(signIn.connectionId)),
        STATE_MINUTES,
      ],
    );
    return state;
  }

  /**
   * Takes the state; it never works again.
   * @throws AtsError `connect-state-invalid` when it is unknown, used, expired, given up by another click or a disconnect,
   * or another user's, workspace's, browser's or provider's.
   */
  async redeem(state: string, person: Person, provider: string): Promise<RedeemedState> {
    const mine = [sha256(state), person.workspaceId, person.userId, sha256(person.browser), provider];
    const [row] = await query<{
      connection_id: string;
      purpose: SignInPurpose;
      redirect_uri: string;
      sealed_verifier: string | null;
      epoch: number;
    }>(
      this.em.fork(),
      `update ats.connect_states s set used_at = now() from ats.connections c
       where ${MINE} and s.used_at is null and s.expires_at > now() and c.id = s.connection_id
         and (c.status = 'authorizing' or s.purpose = 'reconnect' and c.status <> 'disconnected')
       returning s.connection_id, s.purpose, s.redirect_uri, s.sealed_verifier, c.epoch`,
      mine,
    );
    if (row === undefined) throw new AtsError('connect-state-invalid', await this.#whyInvalid(mine));
    const { connection_id: connectionId, purpose, epoch } = row;
    return {
      connectionId,
      provider,
      purpose,
      epoch,
      redirectUri: row.redirect_uri,
      sealedVerifier: row.sealed_verifier,
    };
  }

  /** @throws AtsError `cannot-open` when the key that sealed it has left the ring: whoever asks has the state to answer for. */
  verifierOf({ connectionId, sealedVerifier }: RedeemedState): string | null {
    return sealedVerifier === null ? null : this.box.open(sealedVerifier, verifierContext(connectionId));
  }

  /** What became of a sign-in is told to nobody but the person who began it, in that person's browser. */
  async #whyInvalid(mine: readonly unknown[]): Promise<string> {
    const [row] = await query<{ disconnected: boolean; replaced: boolean }>(
      this.em.fork(),
      `select coalesce(s.used_at = c.disconnected_at, false) as disconnected,
         s.used_at is null and s.expires_at > now() and c.status = 'disconnected' as replaced
       from ats.connect_states s join ats.connections c on c.id = s.connection_id where ${MINE}`,
      mine,
    );
    if (row?.disconnected === true) {
      return 'This connection was disconnected before its sign-in was finished, so nothing was connected and no credit was used. Connect again when you want to.';
    }
    if (row?.replaced === true) {
      return 'This sign-in was given up before it was finished: Connect was clicked again, or the plan has no room for it any more. Nothing was connected by it and no credit was used. Go on in the newer window, or look in Settings → Integrations.';
    }
    return 'This sign-in was finished already, took longer than 10 minutes, or was begun by somebody else or in another browser. Start again in Settings → Integrations.';
  }
}

/**
 * Ends the open sign-ins of a connection that is disconnected, in that transaction. `now`: the moment that the connection
 * notes, too; by it their answers are told from those that were finished.
 */
export async function endSignIns(em: EntityManager, connectionId: string, now: Date): Promise<void> {
  await execute(
    em,
    `update ats.connect_states set used_at = $2, sealed_verifier = null where connection_id = $1 and used_at is null`,
    [connectionId, now],
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
