import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import { CONNECTION_CREDITS, CreditLedger } from '../plan/credit-ledger.port.js';
import { HOLDS_A_PLACE, lockPlaces } from '../plan/places.js';
import { PlanLimits } from '../plan/plan-limits.port.js';
import { planLimitReached } from '../plan/plan-refusals.js';
import { AtsError } from '../support/ats-error.js';
import { Clock } from '../support/clock.js';
import { STATE_MINUTES } from './oauth-state.js';

/** Beyond the life of a state: a callback that came in its last second may still be at the ATS's token endpoint. */
const GRACE_MINUTES = 5;
const ABANDONED = 'abandoned';
const MOST_RESERVATIONS = 5;
const RESERVE_AGAIN_MS = 100;

/** One charge for one connect: the same key however often a step is repeated. */
export function chargeKey(connectionId: string, epoch: number): string {
  return `ats-connect:${connectionId}:${epoch}`;
}

export interface TakenSlot {
  readonly connectionId: string;
  readonly epoch: number;
}

/** A connection's place under the plan and its reserved credit, taken before the browser leaves and given back on every failure. */
@Injectable()
export class Slots {
  constructor(
    private readonly em: EntityManager,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
    @Inject(CreditLedger) private readonly credits: CreditLedger,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws AtsError `plan-limit-reached`, `no-credit` or `connect-overtaken`, with what to do. */
  async take(workspaceId: string, userId: string, provider: { id: string; name: string }): Promise<TakenSlot> {
    const { slot, replaced } = await this.#takePlace(workspaceId, userId, provider.id);
    for (const earlier of replaced) await this.credits.release(chargeKey(earlier.connectionId, earlier.epoch));
    const key = chargeKey(slot.connectionId, slot.epoch);
    const charge = { workspaceId, credits: CONNECTION_CREDITS, reason: `Connect ${provider.name}` };
    for (let attempts = 1; ; attempts += 1) {
      const reserved = await this.credits.reserve(key, charge);
      // Who took our place meanwhile released our credit before we had reserved it.
      if (!(await this.#isOpen(slot.connectionId))) {
        await this.credits.release(key);
        throw new AtsError('connect-overtaken', 'This connect was begun again in another window; go on there.');
      }
      if (reserved.ok) return slot;
      // A click whose place we took may hold the last credit for the moment that it needs to find that out.
      if (replaced.length === 0 || attempts >= MOST_RESERVATIONS) {
        await this.#giveUp(slot.connectionId);
        throw new AtsError('no-credit', reserved.message, { details: { credits: CONNECTION_CREDITS } });
      }
      await sleep(RESERVE_AGAIN_MS);
    }
  }

  /** The connect came to nothing: place and credit are free again. Harmless when it was given back or used already. */
  async release(connectionId: string, epoch: number): Promise<void> {
    if (await this.#giveUp(connectionId)) await this.credits.release(chargeKey(connectionId, epoch));
  }

  /**
   * Takes the places of open sign-ins back, in the caller's transaction with the workspace's places locked. Their credits
   * are free with the next `releaseAbandoned`, which makes good for a crash in between, too.
   */
  async giveUp(em: EntityManager, connectionIds: readonly string[]): Promise<void> {
    await execute(
      em,
      `update ats.connections set status = 'disconnected', status_reason = '${ABANDONED}' where id = any($1) and status = 'authorizing'`,
      [[...connectionIds]],
    );
  }

  /**
   * Gives back what sign-ins hold that nobody will finish: a closed tab, an expired state, a crash on the way. Marked
   * before the credit is released, so that a crash in between is made good by the next call. Returns how many there were.
   */
  async releaseAbandoned(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - (STATE_MINUTES + GRACE_MINUTES) * 60_000);
    const abandoned = await query<{ id: string; epoch: number }>(
      this.em.fork(),
      `update ats.connections set status = 'disconnected', status_reason = '${ABANDONED}'
       where (status = 'authorizing' and created_at < $1) or (status = 'disconnected' and status_reason = '${ABANDONED}')
       returning id, epoch`,
      [before],
    );
    for (const { id, epoch } of abandoned) {
      await this.credits.release(chargeKey(id, epoch));
      await execute(this.em.fork(), `update ats.connections set status_reason = null where id = $1`, [id]);
    }
    await execute(this.em.fork(), `delete from ats.connect_states where expires_at < $1`, [this.clock.now()]);
    return abandoned.length;
  }

  /** Beginning again takes the place of a sign-in that the workspace left open at the same ATS: a second click is no second connection. */
  async #takePlace(
    workspaceId: string,
    userId: string,
    provider: string,
  ): Promise<{ slot: TakenSlot; replaced: readonly TakenSlot[] }> {
    const limit = await this.limits.of(workspaceId);
    return this.em.fork().transactional(async (em) => {
      // Two clicks at once count one after the other.
      await lockPlaces(em, workspaceId);
      const now = this.clock.now();
      const replaced = await query<{ id: string; epoch: number }>(
        em,
        `update ats.connections set status = 'disconnected' where workspace_id = $1 and provider = $2 and status = 'authorizing' returning id, epoch`,
        [workspaceId, provider],
      );
      const [used] = await query<{ count: number }>(
        em,
        `select count(*)::int as count from ats.connections
         where workspace_id = $1 and (${HOLDS_A_PLACE} or (status = 'authorizing' and created_at > $2))`,
        [workspaceId, new Date(now.getTime() - STATE_MINUTES * 60_000)],
      );
      const inUse = used?.count ?? 0;
      if (limit.connections !== 'unlimited' && inUse >= limit.connections) throw planLimitReached(limit, inUse);
      const id = randomUUID();
      await execute(
        em,
        `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at) values ($1, $2, $3, 'authorizing', $4, $5)`,
        [id, workspaceId, provider, userId, now],
      );
      return {
        slot: { connectionId: id, epoch: 1 },
        replaced: replaced.map((row) => ({ connectionId: row.id, epoch: row.epoch })),
      };
    });
  }

  async #isOpen(connectionId: string): Promise<boolean> {
    const open = await query(this.em.fork(), `select 1 from ats.connections where id = $1 and status = 'authorizing'`, [
      connectionId,
    ]);
    return open.length > 0;
  }

  async #giveUp(connectionId: string): Promise<boolean> {
    const changed = await execute(
      this.em.fork(),
      `update ats.connections set status = 'disconnected' where id = $1 and status = 'authorizing'`,
      [connectionId],
    );
    return changed > 0;
  }
}
