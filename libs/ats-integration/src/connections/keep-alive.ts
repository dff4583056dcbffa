import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Clock } from '../support/clock.js';
import { warnOfExpiry } from './expiry-warnings.js';
import { TokenRefresh } from './token-refresh.js';

/** A refresh token is renewed after this part of its life, so that several sweeps may fail before it dies. */
const PART_OF_LIFE = 0.25;
const LONGEST_WAIT_SECONDS = 7 * 86_400;
/** Connections of one moment must not come due in one moment. */
const JITTER = 0.1;
const MOST_AT_ONCE = 50;
const CONCURRENCY = 4;

/**
 * Renews authorisations that nobody uses, long before they die of disuse: a suspended connection, one whose syncs fail.
 * Active ones renew as they work and are rarely due. Warns of those that cannot be renewed.
 */
@Injectable()
export class KeepAlive {
  readonly #logger = new Logger('AtsRefresh');

  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    private readonly refresh: TokenRefresh,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Returns how many were renewed. One that fails stops none of the others; it rests before it is due again. */
  async sweep(): Promise<number> {
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const renewed = await queue.addAll((await this.#due()).map((due) => () => this.#renew(due)));
    const nameOf = (provider: string): string =>
      this.registry.has(provider) ? this.registry.get(provider).provider.manifest.name : provider;
    await warnOfExpiry(this.em.fork(), nameOf, this.clock.now());
    return renewed.filter(Boolean).length;
  }

  async #due(): Promise<{ id: string; version: number }[]> {
    const waits = this.registry.all().flatMap(({ provider: { manifest } }) => {
      if (manifest.auth.kind !== 'oauth2') return [];
      const seconds = Math.min(manifest.auth.refreshTokenIdleSeconds * PART_OF_LIFE, LONGEST_WAIT_SECONDS);
      return [{ provider: manifest.id, seconds }];
    });
    return query(
      this.em.fork(),
      // The same connection always has the same jitter: it is no moving target.
      `select c.id, c.credentials_version as version
       from ats.connections c join unnest($1::text[], $2::float8[]) as wait(provider, seconds) on wait.provider = c.provider
       where c.status in ('active', 'suspended') and c.refresh_expires_at is not null and c.grant_dead_at is null
         and coalesce(c.refreshed_at, c.created_at)
           < now() - make_interval(secs => wait.seconds * (1 - $3::float8 * (hashtext(c.id::text) & 1023) / 1023))
         and (c.refresh_not_before is null or c.refresh_not_before <= now())
         and (c.refresh_lease_until is null or c.refresh_lease_until < now())
       order by c.refresh_expires_at limit $4`,
      [waits.map(({ provider }) => provider), waits.map(({ seconds }) => seconds), JITTER, MOST_AT_ONCE],
    );
  }

  async #renew({ id, version }: { id: string; version: number }): Promise<boolean> {
    try {
      await this.refresh.refresh(id, version);
      return true;
    } catch (error) {
      // A dead authorisation and a refused client were written down where they were found.
      this.#logger.warn(
        `Connection ${id} was not kept alive: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
      return false;
    }
  }
}
