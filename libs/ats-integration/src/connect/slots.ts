import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { execute, query } from '../database/query.js';
import { CONNECTION_CREDITS, CreditLedger } from '../plan/credit-ledger.port.js';
import { SIGN_IN_MINUTES, countPlaces, lockPlaces } from '../plan/places.js';
import { PlanLimits } from '../plan/plan-limits.port.js';
import type { PlanLimit } from '../plan/plan-limits.port.js';
import { planLimitReached, planLimitReachedFor } from '../plan/plan-refusals.js';
import { nameOf } from '../schedule/sweep.js';
import { AtsError } from '../support/ats-error.js';
import { givingWay } from './giving-way.js';
import type { OpenSignIn } from './giving-way.js';

/** How soon after its time the sweep has given a sign-in up. */
const SWEEP_MINUTES = 1;
/** As SQL: what a sign-in becomes that came to nothing, until no step of it can reserve a credit any more. */
const GIVEN_UP = `status = 'disconnected', status_reason = 'abandoned'`;
/**
 * As SQL: no step of a sign-in can be under way any more, after so many minutes. By the database's clock: a worker whose
 * own is ahead would give up what another one has just begun.
 */
const IS_OVER = `created_at < now() - make_interval(mins => $1)`;
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

/**
 * A connection's place under the plan and its reserved credit, taken before the browser leaves and given back on every
 * failure. A sign-in that comes to nothing is marked before its credit is released, and stays marked for as long as a step
 * of it may still reserve one: what a crash, a ledger that fails or a late reservation leaves, the next sweep makes good.
 */
@Injectable()
export class Slots {
  readonly #logger = new Logger('AtsConnect');

  constructor(
    private readonly em: EntityManager,
    @Inject(PlanLimits) private readonly limits: PlanLimits,
    @Inject(CreditLedger) private readonly credits: CreditLedger,
  ) {}

  /** @throws AtsError `plan-limit-reached`, `no-credit` or `connect-overtaken`, with what to do; what the ledger throws. */
  async take(workspaceId: string, userId: string, provider: { id: string; name: string }): Promise<TakenSlot> {
    const { slot, replaced } = await this.#takePlace(workspaceId, userId, provider.id);
    try {
      await this.releaseCredits(replaced);
      await this.#reserve(slot, workspaceId, provider.name, replaced.length > 0);
      return slot;
    } catch (error) {
      // Whoever took our place released our credit before we had reserved it: it is released whatever became of the place.
      await this.#giveUp(slot.connectionId);
      await this.releaseCredits([slot]);
      throw error;
    }
  }

  /** The connect came to nothing: place and credit are free again. Harmless when it was given back or used already. */
  async release(connectionId: string, epoch: number): Promise<void> {
    if (await this.#giveUp(connectionId)) await this.releaseCredits([{ connectionId, epoch }]);
  }

  /**
   * Takes the places of open sign-ins back, in the caller's transaction with the workspace's places locked. Their credits
   * are for `releaseCredits` once that has committed.
   */
  async giveUp(em: EntityManager, connectionIds: readonly string[]): Promise<readonly TakenSlot[]> {
    return query<TakenSlot>(
      em,
      `update ats.connections set ${GIVEN_UP} where id = any($1) and status = 'authorizing' returning id as "connectionId", epoch`,
      [[...connectionIds]],
    );
  }

  /** Of sign-ins that were given up. Never throws, nor lets one keep the others from theirs: the sweep tries again. */
  async releaseCredits(slots: readonly TakenSlot[]): Promise<readonly TakenSlot[]> {
    const released: TakenSlot[] = [];
    for (const slot of slots) {
      try {
        await this.credits.release(chargeKey(slot.connectionId, slot.epoch));
        released.push(slot);
      } catch (error) {
        this.#logger.warn(
          `The credit of connect ${slot.connectionId} could not be released and is tried again: ${nameOf(error)}`,
        );
      }
    }
    return released;
  }

  /**
   * Gives back what sign-ins hold that nobody will finish: a closed tab, an expired state, a crash on the way; and again
   * what those hold that were given up before. Returns how many sign-ins it gave up.
   */
  async releaseAbandoned(): Promise<number> {
    const em = this.em.fork();
    await execute(em, `delete from ats.connect_states where expires_at < now()`);
    const old = await query<{ id: string }>(
      em,
      `select id from ats.connections where status = 'authorizing' and ${IS_OVER}`,
      [SIGN_IN_MINUTES],
    );
    let count = 0;
    // One by one: a statement that locks several rows in an order of its own may wait for one that waits for it.
    for (const { id } of old) if (await this.#giveUp(id)) count += 1;
    const marked = await query<TakenSlot & { readonly over: boolean }>(
      em,
      `select id as "connectionId", epoch, ${IS_OVER} as over from ats.connections
       where status = 'disconnected' and status_reason = 'abandoned'`,
      [SIGN_IN_MINUTES],
    );
    const over = new Set(marked.filter((slot) => slot.over).map(({ connectionId }) => connectionId));
    for (const { connectionId } of await this.releaseCredits(marked)) {
      if (!over.has(connectionId)) continue;
      await execute(
        em,
        `update ats.connections set status_reason = null where id = $1 and status = 'disconnected' and status_reason = 'abandoned'`,
        [connectionId],
      );
    }
    return count;
  }

  async #reserve(slot: TakenSlot, workspaceId: string, provider: string, again: boolean): Promise<void> {
    const key = chargeKey(slot.connectionId, slot.epoch);
    const charge = { workspaceId, credits: CONNECTION_CREDITS, reason: `Connect ${provider}` };
    for (let attempts = 1; ; attempts += 1) {
      const reserved = await this.credits.reserve(key, charge);
      if (!(await this.#isOpen(slot.connectionId))) {
        throw new AtsError('connect-overtaken', 'This connect was begun again in another window; go on there.');
      }
      if (reserved.ok) return;
      // A click whose place we took may hold the last credit for the moment that it needs to find that out.
      if (!again || attempts >= MOST_RESERVATIONS) {
        throw new AtsError('no-credit', reserved.message, { details: { credits: CONNECTION_CREDITS } });
      }
      await sleep(RESERVE_AGAIN_MS);
    }
  }

  async #takePlace(
    workspaceId: string,
    userId: string,
    provider: string,
  ): Promise<{ slot: TakenSlot; replaced: readonly TakenSlot[] }> {
    const limit = await this.limits.of(workspaceId);
    return this.em.fork().transactional(async (em) => {
      // Two clicks at once count one after the other.
      await lockPlaces(em, workspaceId);
      const replaced = await this.#makeRoom(em, workspaceId, { userId, provider }, limit);
      const id = randomUUID();
      await execute(
        em,
        // The moment behind the lock: who came first is older, whatever a transaction waited for.
        `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at) values ($1, $2, $3, 'authorizing', $4, clock_timestamp())`,
        [id, workspaceId, provider, userId],
      );
      return { slot: { connectionId: id, epoch: 1 }, replaced };
    });
  }

  /** Returns the sign-ins that were given up for it. */
  async #makeRoom(
    em: EntityManager,
    workspaceId: string,
    click: { readonly userId: string; readonly provider: string },
    limit: PlanLimit,
  ): Promise<readonly TakenSlot[]> {
    const { held } = await countPlaces(em, workspaceId);
    const open = await query<OpenSignIn>(
      em,
      `select id, provider, created_by as "createdBy", created_at + make_interval(mins => $2) as "freeBy"
       from ats.connections where workspace_id = $1 and status = 'authorizing' order by created_at, id`,
      [workspaceId, SIGN_IN_MINUTES + SWEEP_MINUTES],
      ['freeBy'],
    );
    const room = limit.connections === 'unlimited' ? Infinity : limit.connections - held - 1;
    if (room < 0) throw planLimitReached(limit, held);
    const away = givingWay(open, click, room);
    const left = open.filter((signIn) => !away.includes(signIn));
    const [first] = left;
    if (first !== undefined && left.length > room) {
      throw planLimitReachedFor(limit, held + left.length, { count: left.length, freeBy: first.freeBy });
    }
    const ids = away.map(({ id }) => id);
    return this.giveUp(em, ids);
  }

  async #isOpen(connectionId: string): Promise<boolean> {
    const open = await query(this.em.fork(), `select 1 from ats.connections where id = $1 and status = 'authorizing'`, [
      connectionId,
    ]);
    return open.length > 0;
  }

  async #giveUp(connectionId: string): Promise<boolean> {
    return (await this.giveUp(this.em.fork(), [connectionId])).length > 0;
  }
}
