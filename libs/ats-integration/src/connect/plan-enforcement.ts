import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { markResumed, markSuspended } from '../connections/suspension.js';
import { query } from '../database/query.js';
import { lockPlaces } from '../plan/places.js';
import { PlanLimits } from '../plan/plan-limits.port.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { suspensionReason } from '../plan/plan-refusals.js';
import { Clock } from '../support/clock.js';
import { Slots } from './slots.js';

/** Ids of the connections that changed. */
export interface Enforced {
  readonly suspended: readonly string[];
  readonly resumed: readonly string[];
}

interface Standing {
  readonly id: string;
  readonly provider: string;
  readonly status: 'authorizing' | 'active' | 'reconnect_required' | 'suspended';
  readonly status_reason: string | null;
}

/** A plan that changes more often than this while we look at it is left to the next sweep. */
const MOST_LOOKS = 5;

/**
 * Keeps a workspace's connections to what its plan covers: beyond the limit open sign-ins are given up, with their
 * credits, and then the newest suspended; when there is room the oldest that are suspended go on. Call it whenever a plan changed or a connection went; calling it for nothing is harmless.
 */
@Injectable()
export class PlanEnforcement {
  constructor(
    private readonly em: EntityManager,
    private readonly slots: Slots,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async enforce(workspaceId: string): Promise<Enforced> {
    const suspended = new Set<string>();
    const resumed = new Set<string>();
    let limit = await this.limits.of(workspaceId);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const changed = await this.#apply(workspaceId, limit);
      if (changed.suspended.length + changed.resumed.length === 0) break;
      for (const id of changed.suspended) if (!resumed.delete(id)) suspended.add(id);
      for (const id of changed.resumed) if (!suspended.delete(id)) resumed.add(id);
      // The limit is asked for outside the transaction, which would otherwise hold a database connection while the host
      // wants another. So it may be old by now: whoever changed something looks again.
      const now = await this.limits.of(workspaceId);
      if (now.connections === limit.connections) break;
      limit = now;
    }
    return { suspended: [...suspended], resumed: [...resumed] };
  }

  async #apply(workspaceId: string, limit: PlanLimit): Promise<Enforced> {
    const now = this.clock.now();
    const { givenUp, ...changed } = await this.em.fork().transactional(async (em) => {
      await lockPlaces(em, workspaceId);
      const connections = await query<Standing>(
        em,
        `select id, provider, status, status_reason from ats.connections
         where workspace_id = $1 and status in ('authorizing', 'active', 'reconnect_required', 'suspended')
         order by created_at, id for no key update`,
        [workspaceId],
      );
      const allowed = limit.connections === 'unlimited' ? Infinity : limit.connections;
      const holding = connections.filter(({ status }) => status === 'active' || status === 'reconnect_required');
      // Each holds the place that it took for as long as it may become active; the sweep ends that.
      const signingIn = connections.filter(({ status }) => status === 'authorizing').map(({ id }) => id);
      const waiting = connections.filter(({ status }) => status === 'suspended');
      const over = holding.slice(Math.min(allowed, holding.length));
      // It would cost a credit for a connection that is suspended at once.
      const beyond = signingIn.slice(Math.min(Math.max(allowed - holding.length, 0), signingIn.length));
      const givenUp = beyond.length === 0 ? [] : await this.slots.giveUp(em, beyond);
      const room = allowed - holding.length - signingIn.length;
      const resuming = waiting.slice(0, Math.min(Math.max(room, 0), waiting.length));
      const reason = suspensionReason(limit);
      const origin = ({ id, provider }: Standing) => ({ id, provider, workspaceId });
      for (const connection of over) await markSuspended(em, origin(connection), reason, now);
      for (const connection of resuming) await markResumed(em, origin(connection), now);
      // Whom another plan leaves suspended is told by that plan's name.
      for (const connection of waiting.slice(resuming.length)) {
        if (connection.status_reason !== reason) await markSuspended(em, origin(connection), reason, now);
      }
      return { suspended: over.map(({ id }) => id), resumed: resuming.map(({ id }) => id), givenUp };
    });
    await this.slots.releaseCredits(givenUp);
    return changed;
  }
}
