import { createHash, randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { verifierContext } from '../connections/sealed-contexts.js';
import { execute, query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';

export const STATE_MINUTES = 10;

export interface StateOwner {
  readonly connectionId: string;
  readonly workspaceId: string;
  readonly userId: string;
  readonly provider: string;
  readonly redirectUri: string;
}

export interface IssuedState {
  /** For the authorize address; only its hash is kept. 256 random bits. */
  readonly state: string;
  /** PKCE code challenge (RFC 7636, S256), when asked for. */
  readonly challenge: string | null;
}

export interface RedeemedState extends StateOwner {
  readonly verifier: string | null;
}

/** The single-use proof that a callback belongs to a connect that this user of this workspace began. */
@Injectable()
export class OAuthStates {
  constructor(
    private readonly em: EntityManager,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async issue(em: EntityManager, owner: StateOwner, pkce: boolean): Promise<IssuedState> {
    const state = randomBytes(32).toString('base64url');
    const verifier = pkce ? randomBytes(32).toString('base64url') : null;
    await execute(
      em,
      `insert into ats.connect_states (state_hash, connection_id, workspace_id, user_id, provider, redirect_uri, sealed_verifier, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        sha256(state),
        owner.connectionId,
        owner.workspaceId,
        owner.userId,
        owner.provider,
        owner.redirectUri,
        verifier === null ? null : this.box.seal(verifier, verifierContext(owner.connectionId)),
        new Date(this.clock.now().getTime() + STATE_MINUTES * 60_000),
      ],
    );
    return { state, challenge: verifier === null ? null : sha256(verifier) };
  }

  /**
   * Takes the state; it never works again.
   * @throws AtsError `connect-state-invalid` when it is unknown, used, expired, or another user's, workspace's or provider's.
   */
  async redeem(state: string, by: { workspaceId: string; userId: string; provider: string }): Promise<RedeemedState> {
    const [row] = await query<{ connection_id: string; redirect_uri: string; sealed_verifier: string | null }>(
      this.em.fork(),
      `update ats.connect_states set used_at = $5
       where state_hash = $1 and workspace_id = $2 and user_id = $3 and provider = $4 and used_at is null and expires_at > $5
       returning connection_id, redirect_uri, sealed_verifier`,
      [sha256(state), by.workspaceId, by.userId, by.provider, this.clock.now()],
    );
    if (row === undefined) {
      throw new AtsError(
        'connect-state-invalid',
        'This sign-in was finished already, took longer than 10 minutes, or was begun by somebody else. Start again with Connect.',
      );
    }
    return {
      ...by,
      connectionId: row.connection_id,
      redirectUri: row.redirect_uri,
      verifier:
        row.sealed_verifier === null ? null : this.box.open(row.sealed_verifier, verifierContext(row.connection_id)),
    };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
