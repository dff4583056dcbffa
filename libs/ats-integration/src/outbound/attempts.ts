import { randomUUID } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Move } from '../contract/stage-change.js';
import { execute, query } from '../database/query.js';
import { Clock } from '../support/clock.js';
import { ChangeClaims, holdChange } from './change-claims.js';
import type { ClaimedChange } from './change-claims.js';
import type { Attempt } from './judge-attempt.js';
import { noteOwnWrite, settleOwnWrite } from './own-writes.js';
import type { Standing } from './standing.js';

/** How an attempt ended. `refused`: the ATS said no. `unclear`: it may have happened, and nothing shows it. */
export type AttemptOutcome = 'applied' | 'refused' | 'not-applied' | 'unclear';

/** What is written down before a request goes out and after it: a crash between any two of them is recognised. */
@Injectable()
export class Attempts {
  constructor(
    private readonly em: EntityManager,
    private readonly claims: ChangeClaims,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The attempt whose outcome nobody knows yet. */
  async open(change: ClaimedChange): Promise<Attempt | null> {
    const [row] = await query<{ id: string; move: Move; before: Standing; answered: boolean; age_ms: number }>(
      this.em.fork(),
      `select id, move, before, answered, (extract(epoch from now() - begun_at) * 1000)::float8 as age_ms
       from ats.stage_change_attempts where change_id = $1 and outcome is null`,
      [change.id],
    );
    if (row === undefined) return null;
    return { id: row.id, move: row.move, before: row.before, answered: row.answered, ageMs: row.age_ms };
  }

  /** Attempts that came to nothing so far. */
  async failed(change: ClaimedChange): Promise<number> {
    const [row] = await query<{ count: number }>(
      this.em.fork(),
      `select count(*)::int as count from ats.stage_change_attempts where change_id = $1 and outcome = 'not-applied'`,
      [change.id],
    );
    return row?.count ?? 0;
  }

  /** @throws ChangeLost; then nothing may be sent. */
  async begin(change: ClaimedChange, before: Standing, move: Move, actorRemoteId: string | null): Promise<string> {
    const id = randomUUID();
    const now = this.clock.now();
    await this.em.fork().transactional(async (em) => {
      await holdChange(em, change, this.claims.leaseMs);
      await execute(
        em,
        `insert into ats.stage_change_attempts (id, change_id, nth, move, before, actor_remote_id, begun_at)
         select $1::uuid, $2::uuid, count(*) + 1, $3::jsonb, $4::jsonb, $5, now() from ats.stage_change_attempts where change_id = $2`,
        [id, change.id, JSON.stringify(move), JSON.stringify(before), actorRemoteId],
      );
      await execute(em, `update ats.stage_changes set sent_at = coalesce(sent_at, $2) where id = $1`, [change.id, now]);
      const { connection, application } = change;
      await noteOwnWrite(em, { id, connectionId: connection.id, remoteId: application.remoteId, move, now });
    });
    return id;
  }

  /** The ATS said that it did it. */
  async answered(id: string): Promise<void> {
    await execute(this.em.fork(), `update ats.stage_change_attempts set answered = true where id = $1`, [id]);
  }

  /**
   * Ends one after which the change goes on. `left`: where our write left the application; what the ATS shows from there
   * on is somebody else's doing. One that ends its change is ended with it, in one transaction.
   * @throws ChangeLost
   */
  async end(
    change: ClaimedChange,
    id: string,
    outcome: Exclude<AttemptOutcome, 'unclear'>,
    left: Standing | null,
  ): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      await holdChange(em, change, this.claims.leaseMs);
      await endAttempt(em, id, outcome, this.clock.now());
      if (left === null) return;
      await execute(em, `update ats.stage_changes set baseline = $2::jsonb, failures = 0 where id = $1`, [
        change.id,
        JSON.stringify(left),
      ]);
    });
  }
}

export async function endAttempt(em: EntityManager, id: string, outcome: AttemptOutcome, now: Date): Promise<void> {
  await execute(
    em,
    `update ats.stage_change_attempts set outcome = $2, ended_at = $3 where id = $1 and outcome is null`,
    [id, outcome, now],
  );
  // One that may have happened may still be seen.
  if (outcome !== 'unclear') await settleOwnWrite(em, id, outcome === 'applied', now);
}
