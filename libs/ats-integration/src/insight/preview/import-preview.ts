import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../../ats-integration.options.js';
import { notConnected } from '../../connections/credentials.js';
import { ProviderSessions } from '../../connections/provider-sessions.js';
import { refuseSuspended } from '../../connections/suspension.js';
import { AtsOptions } from '../../support/options-token.js';
import { Clock } from '../../support/clock.js';
import { rulesOf } from '../../sync/sync-rules.js';
import { insightConnection } from '../insight-connection.js';
import type { InsightConnection } from '../insight-connection.js';
import type { ImportPreviewReport } from './preview-report.js';
import { PreviewAccount } from './preview-account.js';
import { PreviewStanding } from './preview-standing.js';
import { RequestAllowance } from './request-allowance.js';

export interface PreviewLimits {
  /** Requests to the ATS. @default 20 */
  readonly requests?: number;
  /** Seconds. @default 30 */
  readonly seconds?: number;
}

const DEFAULTS = { requests: 20, seconds: 30 } as const;

/**
 * What an initial import would do, with nothing written: for a connection whose import has not begun, and for one that
 * is synced. It asks the ATS under the account's rate budget and never for more than its allowance; what that does not
 * reach is reckoned, and said to be.
 */
@Injectable()
export class ImportPreview {
  readonly #running = new Map<string, Promise<ImportPreviewReport>>();

  constructor(
    private readonly em: EntityManager,
    private readonly sessions: ProviderSessions,
    private readonly standing: PreviewStanding,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /**
   * Two who ask at once get the same one.
   * @throws AtsError `not-found` (another workspace's too), `not-connected`, `suspended`; ProviderFault
   */
  async preview(workspaceId: string, connectionId: string, limits: PreviewLimits = {}): Promise<ImportPreviewReport> {
    const connection = await insightConnection(this.em.fork(), workspaceId, connectionId);
    refuseSuspended(connection);
    if (connection.status !== 'active') throw notConnected();
    const running = this.#running.get(connectionId);
    if (running !== undefined) return running;
    const taken = this.#take(workspaceId, connection, limits).finally(() => this.#running.delete(connectionId));
    this.#running.set(connectionId, taken);
    return taken;
  }

  async #take(
    workspaceId: string,
    connection: InsightConnection,
    { requests = DEFAULTS.requests, seconds = DEFAULTS.seconds }: PreviewLimits,
  ): Promise<ImportPreviewReport> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(seconds * 1000)]);
    const allowance: RequestAllowance = new RequestAllowance(
      requests,
      () => session.context.http,
      () => stop.abort(),
    );
    const session = this.sessions.open(connection, signal, allowance.onRequest);
    const { provider } = session;
    const rules = rulesOf(provider, { connection }, this.options);
    const account = new PreviewAccount(
      { context: { ...session.context, http: allowance }, allowance },
      provider,
      rules,
      this.options.rateLimits[provider.manifest.id] ?? provider.manifest.rateLimit,
    );
    const read = await account.read();
    return {
      connectionId: connection.id,
      takenAt: this.clock.now(),
      requests: allowance.used,
      jobs: read.jobs,
      stages: {
        total: read.stages.total,
        unconfirmed: await this.standing.unconfirmed(workspaceId, connection.id, read.stages.records),
      },
      people: read.people,
      duplicates: await this.standing.duplicates(workspaceId, connection.id, read.candidates, read.people.candidates),
      setAside: read.setAside,
      missingPermissions: [...missingScopes(connection, provider), ...connection.warnings, ...read.refused],
      cost: read.cost,
      imported: await this.standing.imported(connection.id),
    };
  }
}

function missingScopes(
  { scopes }: InsightConnection,
  {
    manifest,
  }: { readonly manifest: { readonly auth: { readonly kind: string; readonly scopes?: readonly string[] } } },
): string[] {
  return (manifest.auth.scopes ?? [])
    .filter((scope) => !scopes.includes(scope))
    .map((scope) => `The scope "${scope}" was not granted.`);
}
