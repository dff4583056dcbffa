import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { query } from '../database/query.js';
import { HOLDS_A_PLACE } from '../plan/places.js';
import { PlanLimits } from '../plan/plan-limits.port.js';
import { nameOf } from '../schedule/sweep.js';
import type { Sweep } from '../schedule/sweep.js';
import { Sweeps } from '../schedule/sweeps.js';
import { PlanEnforcement } from './plan-enforcement.js';

const SWEEP_MS = 60_000;
/** Workspaces that one sweep looks at; the next one goes on behind them. */
const MOST_AT_ONCE = 500;

interface Places {
  readonly workspaceId: string;
  readonly held: number;
  readonly signingIn: number;
  readonly suspended: number;
}

/** Looks every minute whether plans changed without anybody telling us: a host may forget, and a crash may cut it off. */
@Injectable()
export class PlanSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AtsPlans');
  readonly #sweep: Sweep;
  #after = '';

  constructor(
    private readonly em: EntityManager,
    private readonly enforcement: PlanEnforcement,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
    sweeps: Sweeps,
  ) {
    this.#sweep = sweeps.every(SWEEP_MS, this.#logger, () => this.#lookAtAll());
  }

  onApplicationBootstrap(): void {
    this.#sweep.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#sweep.end();
  }

  /** Never throws: the next minute tries again. */
  sweep(): Promise<void> {
    return this.#sweep.now();
  }

  async #lookAtAll(): Promise<void> {
    const workspaces = await query<Places>(
      this.em.fork(),
      `select workspace_id as "workspaceId", count(*) filter (where ${HOLDS_A_PLACE})::int as held,
         count(*) filter (where status = 'authorizing')::int as "signingIn",
         count(*) filter (where status = 'suspended')::int as suspended
       from ats.connections where workspace_id > $1 and status <> 'disconnected'
       group by workspace_id order by workspace_id limit $2`,
      [this.#after, MOST_AT_ONCE],
    );
    this.#after = workspaces.length < MOST_AT_ONCE ? '' : (workspaces.at(-1)?.workspaceId ?? '');
    for (const places of workspaces) {
      if (this.#sweep.stopped) return;
      await this.#look(places);
    }
  }

  async #look({ workspaceId, held, signingIn, suspended }: Places): Promise<void> {
    try {
      const { connections } = await this.limits.of(workspaceId);
      // A sign-in that is under way would become active only to be suspended at once.
      const taken = held + signingIn;
      const over = connections !== 'unlimited' && taken > connections;
      const room = suspended > 0 && (connections === 'unlimited' || taken < connections);
      if (over || room) await this.enforcement.enforce(workspaceId);
    } catch (error) {
      // A workspace that the host no longer knows must not keep the others from their turn.
      this.#logger.warn(`The plan of workspace ${workspaceId} could not be enforced: ${nameOf(error)}`);
    }
  }
}
