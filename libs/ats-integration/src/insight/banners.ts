import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';

/** By urgency: nothing is synced until somebody signs in; soon nothing will be; nothing is synced by the customer's choice of plan. */
export const BANNER_KINDS = ['reconnect', 'expiring', 'suspended'] as const;
export type BannerKind = (typeof BANNER_KINDS)[number];

export interface Banner {
  readonly kind: BannerKind;
  readonly connectionId: string;
  readonly provider: string;
  readonly providerName: string;
  readonly title: string;
  /** What happened, since when nothing has been synced, and what to do. */
  readonly message: string;
  /** `reconnect`: sign in again, with `POST connections/:connectionId/reconnect`. `upgrade`: the host's own page of plans. */
  readonly action: { readonly kind: 'reconnect' | 'upgrade'; readonly label: string };
  /** Since when it is so. */
  readonly since: Date;
  /** What came before is here; null when nothing was synced yet. */
  readonly lastSyncedAt: Date | null;
}

interface Troubled {
  readonly kind: BannerKind;
  readonly connectionId: string;
  readonly provider: string;
  readonly reason: string | null;
  readonly since: Date;
  readonly lastSyncedAt: Date | null;
}

/** What everybody in a workspace has to know of its connections, in words for recruiters and admins. Scoped by workspace. */
@Injectable()
export class Banners {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
  ) {}

  /** The most urgent first; of one kind the one that has waited longest. */
  async list(workspaceId: string): Promise<Banner[]> {
    const troubled = await query<Troubled>(
      this.em.fork(),
      `select b.* from (
         select case c.status when 'reconnect_required' then 'reconnect' when 'suspended' then 'suspended' else 'expiring' end as kind,
           c.id as "connectionId", c.provider, coalesce(i.message, c.status_reason) as reason,
           coalesce(case c.status when 'reconnect_required' then c.grant_dead_at when 'suspended' then c.suspended_at end,
             i.raised_at, c.last_synced_at, c.created_at) as since, c.last_synced_at as "lastSyncedAt"
         from ats.connections c left join ats.issues i on i.connection_id = c.id and i.resolved_at is null and i.subject = ''
           and i.code = case c.status when 'reconnect_required' then 'reconnect-required' when 'suspended' then 'suspended'
             else 'authorisation-expiring' end
         where c.workspace_id = $1 and (c.status in ('reconnect_required', 'suspended') or (c.status = 'active' and i.id is not null))
       ) b order by array_position($2::text[], b.kind), b.since, b."connectionId"`,
      [workspaceId, [...BANNER_KINDS]],
      ['since', 'lastSyncedAt'],
    );
    return troubled.map((connection) => this.#banner(connection));
  }

  #banner({ reason, ...connection }: Troubled): Banner {
    const { provider, kind } = connection;
    const manifest = this.registry.has(provider) ? this.registry.get(provider).provider.manifest : null;
    const providerName = manifest?.name ?? provider;
    const stopped = `Nothing has been synced from ${providerName} since ${dayOf(connection.lastSyncedAt ?? connection.since)}; what was imported stays.`;
    const key = manifest?.auth.kind === 'api-key';
    const again = key ? 'enter a new API key' : `sign in to ${providerName} again`;
    const reconnect = { kind: 'reconnect', label: `Reconnect ${providerName}` } as const;
    const why = reason === null ? [] : [reason];
    switch (kind) {
      case 'reconnect':
        return {
          ...connection,
          providerName,
          title: `${providerName} needs a new ${key ? 'API key' : 'sign-in'}`,
          message: [`Elly is no longer authorised. ${stopped} An admin has to ${again}.`, ...why].join(' '),
          action: reconnect,
        };
      case 'expiring':
        return {
          ...connection,
          providerName,
          title: `The authorisation for ${providerName} ends soon`,
          message: `${reason ?? `Elly's authorisation ends soon. An admin should ${again}.`} Until then everything is synced.`,
          action: reconnect,
        };
      case 'suspended':
        return {
          ...connection,
          providerName,
          title: `${providerName} is suspended: the plan does not cover it`,
          message: [stopped, ...why].join(' '),
          action: { kind: 'upgrade', label: 'Upgrade the plan' },
        };
      default:
        return kind satisfies never;
    }
  }
}

/** `5 March 2026`: the day is enough for a sentence, and no zone has to be guessed; `since` has the moment. */
function dayOf(moment: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(moment);
}
