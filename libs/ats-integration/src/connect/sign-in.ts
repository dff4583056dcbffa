import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Credentials } from '../connections/credentials.js';
import { giveBack } from '../connections/revocation-entries.js';
import { query } from '../database/query.js';
import type { ConfiguredProvider } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { SealedBox } from '../support/sealed-box.js';
import { Authorisation } from './authorisation.js';
import type { Callback } from './authorisation.js';
import type { Person, RedeemedState, SignInPurpose } from './oauth-state.js';
import { PreFlight } from './pre-flight.js';
import type { Approval } from './pre-flight.js';

export interface ApprovalUse {
  readonly callback: Callback;
  readonly workspaceId: string;
  /** Makes the connection active with it; returns the connection's id. */
  readonly use: (approval: Approval) => Promise<string>;
}

/** From a person who wants to connect to an approval that is checked: by signing in at the ATS, or by its API key. */
@Injectable()
export class SignIn {
  constructor(
    private readonly authorisation: Authorisation,
    private readonly preFlight: PreFlight,
    private readonly em: EntityManager,
    @Inject(SealedBox) private readonly box: SealedBox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Where to send the browser. */
  begin(
    configured: ConfiguredProvider,
    person: Person,
    signIn: { readonly connectionId: string; readonly purpose: SignInPurpose },
    callbackPath: string,
  ): Promise<string> {
    return this.authorisation.authorizeUrl(configured, person, signIn, callbackPath);
  }

  redeem(state: string, person: Person, provider: string): Promise<RedeemedState> {
    return this.authorisation.redeem(state, person, provider);
  }

  /**
   * Exchanges the code, checks what it opens and lets `use` have it. A grant that comes to nothing goes back to the ATS,
   * unless a connection may live on it.
   */
  async approve(
    configured: ConfiguredProvider,
    redeemed: RedeemedState,
    { callback, workspaceId, use }: ApprovalUse,
  ): Promise<string> {
    const tokens = await this.authorisation.exchange(configured, redeemed, callback);
    const { accessToken, refreshToken, expiresAt, scopes } = tokens;
    const credentials: Credentials = { kind: 'oauth2', accessToken, refreshToken, expiresAt: expiresAt.getTime() };
    try {
      return await use(await this.preFlight.check(configured, redeemed.connectionId, credentials, scopes));
    } catch (error) {
      if (!(await this.#mayBeInUse(workspaceId, redeemed))) {
        const origin = { id: redeemed.connectionId, workspaceId, provider: redeemed.provider };
        await giveBack(this.em.fork(), this.box, configured.provider, origin, credentials, this.clock.now());
      }
      throw error;
    }
  }

  /**
   * Many servers keep one grant for an app and a user, whatever accounts that user has: giving back what one sign-in
   * brought would end every connection of theirs. So it stays when anything of the workspace lives at this ATS, also the
   * connection itself when the error came behind the commit, or may do so in a moment.
   */
  async #mayBeInUse(workspaceId: string, { provider, connectionId }: RedeemedState): Promise<boolean> {
    const living = await query(
      this.em.fork(),
      `select 1 from ats.connections where workspace_id = $1 and provider = $2
         and (status in ('active', 'suspended') and grant_dead_at is null or status = 'authorizing' and id <> $3) limit 1`,
      [workspaceId, provider, connectionId],
    );
    return living.length > 0;
  }

  /** @throws AtsError `invalid-request` that names the fields of the form that are missing or unknown. */
  async approveKey(
    configured: ConfiguredProvider,
    connectionId: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<Approval> {
    return this.preFlight.check(configured, connectionId, { kind: 'api-key', fields }, null);
  }
}

export function connectsByKey({ provider }: ConfiguredProvider): boolean {
  return provider.auth.kind === 'api-key';
}

/** @throws AtsError `invalid-request` that names the fields of the manifest's form that are missing or unknown. */
export function checkKeyForm(
  { provider }: ConfiguredProvider,
  given: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const { manifest } = provider;
  const form = manifest.auth.kind === 'api-key' ? manifest.auth.fields : [];
  const fields = given ?? {};
  const missing = form.filter(({ name }) => (fields[name] ?? '').trim() === '').map(({ label }) => label);
  const unknown = Object.keys(fields).filter((name) => !form.some((field) => field.name === name));
  if (missing.length === 0 && unknown.length === 0) return fields;
  throw new AtsError(
    'invalid-request',
    [
      ...(missing.length === 0 ? [] : [`To connect ${manifest.name}, fill in: ${missing.join(', ')}.`]),
      ...(unknown.length === 0
        ? []
        : [`${manifest.name} does not ask for ${unknown.map((name) => `"${name.slice(0, 64)}"`).join(', ')}.`]),
    ].join(' '),
  );
}
