import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { raiseIssue, resolveIssues } from '../connections/issues.js';
import type { IssueOrigin } from '../connections/issues.js';
import { execute, query } from '../database/query.js';
import { ProviderRegistry } from '../registry/provider-registry.js';
import { Clock } from '../support/clock.js';
import { AtsOptions } from '../support/options-token.js';

/** Deliveries in a row that were refused. */
const FAILING_AFTER = 5;
/** Polls in a row that found what no delivery had told of. */
const SILENT_AFTER = 2;
const MOST_AT_ONCE = 100;

const ISSUES = { failing: 'webhooks-failing', silent: 'webhooks-silent' } as const;

type Ill = keyof typeof ISSUES;

interface JudgedHook extends IssueOrigin {
  readonly hookId: string;
}

/** Watches whether webhooks come and hold. Where they do not, an admin is told and the connection is polled more often. */
@Injectable()
export class HookHealth {
  constructor(
    private readonly em: EntityManager,
    private readonly registry: ProviderRegistry,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  async sweep(): Promise<void> {
    await this.#recover();
    await this.#find('failing', `h.failures >= ${FAILING_AFTER}`);
    await this.#judgePolls();
    await this.#find('silent', `h.unannounced >= ${SILENT_AFTER}`);
  }

  /** One delivery that holds is enough. */
  async #recover(): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      const well = await query<{ id: string }>(
        em,
        `update ats.webhook_hooks set status = 'active', status_at = now(), unannounced = 0
         where status <> 'active' and failures = 0 and last_delivery_at > status_at returning connection_id as id`,
      );
      for (const { id } of well)
        for (const code of Object.values(ISSUES)) await resolveIssues(em, id, code, this.clock.now());
    });
  }

  async #find(ill: Ill, condition: string): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      const hooks = await query<JudgedHook>(
        em,
        `update ats.webhook_hooks h set status = $1, status_at = now() from ats.connections c
         where c.id = h.connection_id and c.status = 'active' and h.status in ('waiting', 'active') and ${condition}
         returning h.id as "hookId", c.id, c.workspace_id as "workspaceId", c.provider`,
        [ill],
      );
      for (const hook of hooks) await this.#tell(em, hook, ill);
    });
  }

  async #tell(em: EntityManager, hook: JudgedHook, ill: Ill): Promise<void> {
    const name = this.registry.has(hook.provider)
      ? this.registry.get(hook.provider).provider.manifest.name
      : hook.provider;
    const message =
      ill === 'failing'
        ? `Webhooks of ${name} arrive, but none of the secrets that Elly knows made their signatures. Enter the secret of the webhook again in Settings → Integrations; until then ${name} is asked for changes more often.`
        : `${name} no longer sends webhooks: changes were found that it did not announce. Check in ${name} that the webhooks are still switched on; until then it is asked for changes more often.`;
    await raiseIssue(em, hook, { code: ISSUES[ill], subject: '', message }, this.clock.now());
    await execute(
      em,
      `update ats.connections set next_run_at = least(next_run_at, now() + make_interval(secs => $2)) where id = $1 and status = 'active'`,
      [hook.id, this.options.webhooks.unhealthyIntervalSeconds],
    );
  }

  /**
   * Each poll that ended since: one that found changes of a kind that this hook has told of before, with no delivery since
   * the poll before it, counts against the hook; any delivery speaks for it.
   */
  async #judgePolls(): Promise<void> {
    await execute(
      this.em.fork(),
      `with polls as (
         select h.id as hook_id, r.finished_at, h.last_genuine_at,
           (select max(p.finished_at) from ats.sync_runs p where p.connection_id = r.connection_id and p.status = 'completed'
             and p.kind <> 'targeted' and p.finished_at < r.finished_at) as before,
           exists (select 1 from ats.sync_streams s cross join lateral jsonb_each(s.counts) as k(kind, counts)
             where s.run_id = r.id and position('+' in s.stream) = 0
               and (k.counts->>'created')::int + (k.counts->>'updated')::int > 0
               and exists (select 1 from ats.webhook_inbox i where i.hook_id = h.id
                 and i.touched @> jsonb_build_array(jsonb_build_object('kind', k.kind)))) as found
         from ats.webhook_hooks h join ats.sync_runs r on r.connection_id = h.connection_id
         where h.status = 'active' and h.last_genuine_at is not null and r.kind = 'incremental' and r.status = 'completed'
           and r.finished_at > coalesce(h.judged_until, h.last_genuine_at)
         order by r.finished_at limit $1),
       judged as (
         select hook_id, max(finished_at) as until, bool_or(last_genuine_at >= before) as heard,
           count(*) filter (where found and last_genuine_at < before) as unannounced from polls group by hook_id)
       update ats.webhook_hooks h set judged_until = judged.until,
         unannounced = case when judged.heard then 0 else h.unannounced end + judged.unannounced
       from judged where h.id = judged.hook_id`,
      [MOST_AT_ONCE],
    );
  }
}
