import { Injectable } from '@nestjs/common';
import type { AccountProfile } from '../contract/auth.js';
import type { ProviderContext } from '../contract/context.js';
import type { AtsProvider } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import type { JobRecord, RecordOf, UserRecord } from '../contract/records.js';
import { headerOf } from '../connections/stored-authoriser.js';
import type { Credentials } from '../connections/credentials.js';
import { SessionTransport } from '../connections/session-transport.js';
import type { ConfiguredProvider } from '../registry/provider-registry.js';
import { AtsError } from '../support/ats-error.js';

const DEADLINE_MS = 60_000;

/** What a customer approved, checked: it can be used from now on. */
export interface Approval {
  readonly provider: string;
  readonly credentials: Credentials;
  readonly scopes: readonly string[];
  readonly profile: AccountProfile;
  /** Seconds of disuse after which the grant is dead; null when it does not die of disuse. */
  readonly idleSeconds: number | null;
  /**
   * The first jobs that the account lists: what tells accounts apart at an ATS that does not name them. Null when they
   * cannot be listed or read.
   */
  jobs(): Promise<readonly JobRecord[] | null>;
  /** Likewise its first users, for an account without jobs. */
  users(): Promise<readonly UserRecord[] | null>;
}

/** Asks the ATS, right after the approval, who approved and what will and will not be visible. */
@Injectable()
export class PreFlight {
  constructor(private readonly transport: SessionTransport) {}

  /** @throws AtsError `preflight-failed` with what stops the connection and what to do; ProviderFault. */
  async check(
    configured: ConfiguredProvider,
    connectionId: string,
    credentials: Credentials,
    granted: readonly string[] | null,
  ): Promise<Approval> {
    const { provider, config } = configured;
    const requestedScopes = provider.auth.kind === 'oauth2' ? provider.auth.scopes(config) : [];
    const scopes = granted ?? requestedScopes;
    const header = headerOf(provider, credentials);
    const { context } = this.transport.session({
      provider,
      config,
      authoriser: { header: () => Promise.resolve(header), renew: () => Promise.resolve(false) },
      account: connectionId,
      scopes,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const profile = await provider.preflight(context, {
      accessToken: credentials.kind === 'oauth2' ? credentials.accessToken : '',
      requestedScopes,
    });
    if (profile.blockers.length > 0) throw new AtsError('preflight-failed', profile.blockers.join(' '));
    return {
      provider: provider.manifest.id,
      credentials,
      scopes,
      profile,
      idleSeconds: idleSecondsOf(provider, credentials),
      jobs: once(() => firstOf(provider, context, 'job')),
      users: once(() => firstOf(provider, context, 'user').catch(nullUnlessAllowed)),
    };
  }
}

function idleSecondsOf({ manifest }: AtsProvider, credentials: Credentials): number | null {
  if (manifest.auth.kind !== 'oauth2' || credentials.kind !== 'oauth2' || credentials.refreshToken === null)
    return null;
  return manifest.auth.refreshTokenIdleSeconds;
}

/** However many connections are compared, the ATS is asked once. */
function once<Result>(ask: () => Promise<Result>): () => Promise<Result> {
  let asked: Promise<Result> | null = null;
  return () => (asked ??= ask());
}

/** Of the first page that has any. */
async function firstOf<Kind extends 'job' | 'user'>(
  provider: AtsProvider,
  context: ProviderContext<unknown>,
  kind: Kind,
): Promise<readonly RecordOf<Kind>[] | null> {
  const stream = provider.streams.find(({ kinds, modes }) => kinds[0] === kind && modes.includes('full'));
  if (stream === undefined) return null;
  let unread = 0;
  for await (const page of stream.pages(context, { mode: 'full' }, null)) {
    const records = page.records.filter((record): record is RecordOf<Kind> => record.kind === kind);
    if (records.length > 0) return records;
    unread += page.rejected.length + page.withheld.length;
  }
  return unread > 0 ? null : [];
}

function nullUnlessAllowed(error: unknown): null {
  if (error instanceof ProviderFault && error.code === 'forbidden-scope') return null;
  throw error;
}
