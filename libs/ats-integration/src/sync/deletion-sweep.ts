import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { raiseIssue, resolveIssue } from '../connections/issues.js';
import { RECORD_KINDS } from '../contract/records.js';
import type { RecordKind } from '../contract/records.js';
import type { GoneRecord, Tombstone } from '../contract/tombstone.js';
import { writeEvents } from '../events/outbox.js';
import { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { countHeld, forgetHeld, holdDeletions, releaseHeld } from '../records/held-deletions.js';
import { countVanished, hidesMore, readVanished } from '../records/seen-records.js';
import { Clock } from '../support/clock.js';
import { buryApproved } from './approved-deletions.js';
import { buryGone } from './bury-gone.js';
import { MANY, MASS_DELETION, brakeOf } from './deletion-brake.js';
import { FollowUps } from './follow-ups.js';
import { holdRun } from './run-claims.js';
import type { RunningSync } from './running-sync.js';
import { ROWS_PER_STATEMENT } from '../records/upsert-records.js';

/** What vanished of a kind, and why as far as can be told. */
interface Swept {
  readonly kind: RecordKind;
  readonly tombstone: Tombstone;
}

/** Of so many vanished ones the ATS is asked by id whether they are really gone; of more, only a first part. */
const ASKED_AT_ONCE = 500;

/**
 * The end of a listing of everything: what was here and was not shown is asked for by its id, and what the ATS does not have is
 * marked. More than the brake allows is marked by nobody: a person decides.
 */
@Injectable()
export class DeletionSweep {
  constructor(
    private readonly em: EntityManager,
    private readonly followUps: FollowUps,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async sweep(sync: RunningSync): Promise<void> {
    const { run, rules } = sync;
    const connectionId = run.connection.id;
    await buryApproved(this.em, this.pipeline, sync, (em) => holdRun(em, run), this.clock.now());
    // Candidates before their applications, which go with them.
    for (const kind of RECORD_KINDS) {
      await releaseHeld(this.em.fork(), connectionId, run.id, kind);
      if (rules.swept.has(kind)) await this.#sweepKind(sync, kind);
      if ((await countHeld(this.em.fork(), connectionId, kind)) === 0)
        await resolveIssue(this.em.fork(), connectionId, { code: MASS_DELETION, subject: kind }, this.clock.now());
    }
  }

  async #sweepKind(sync: RunningSync, kind: RecordKind): Promise<void> {
    const { run } = sync;
    const connectionId = run.connection.id;
    await this.#askAgain(sync, kind);
    const { living, vanished } = await countVanished(this.em.fork(), connectionId, run.id, kind);
    const held = vanished > brakeOf(sync.rules, living);
    // Whoever became private is shown without an id: who that is cannot be told from who was deleted.
    const hidden = vanished > 0 && (await hidesMore(this.em.fork(), connectionId, run.id, kind));
    const tombstone = hidden ? 'permission-lost' : 'deleted';
    if (held) await this.#hold(sync, { kind, tombstone }, { living, vanished });
    await this.#bury(sync, { kind, tombstone }, held);
  }

  /** A listing can miss a row that moved while it was read; asked for by its id it comes, and counts as seen. */
  async #askAgain(sync: RunningSync, kind: RecordKind): Promise<void> {
    const stream = sync.session.provider.streams.find(({ kinds, modes }) => kinds[0] === kind && modes.includes('ids'));
    if (stream === undefined) return;
    const { run } = sync;
    const { living, vanished } = await countVanished(this.em.fork(), run.connection.id, run.id, kind);
    const most = vanished > brakeOf(sync.rules, living) ? ASKED_AT_ONCE : Number.POSITIVE_INFINITY;
    for (let after = '', asked = 0; asked < most;) {
      const remoteIds = await readVanished(this.em.fork(), run.connection.id, run.id, kind, {
        after,
        limit: ASKED_AT_ONCE,
        approvedOnly: false,
      });
      const last = remoteIds.at(-1);
      if (last === undefined) return;
      await this.followUps.readIds(sync, stream, remoteIds);
      after = last;
      asked += remoteIds.length;
    }
  }

  async #hold(sync: RunningSync, swept: Swept, count: { living: number; vanished: number }): Promise<void> {
    const { kind } = swept;
    const { run, rules } = sync;
    const now = this.clock.now();
    const connectionId = run.connection.id;
    await this.em.fork().transactional(async (em) => {
      await holdRun(em, run);
      for (let after = ''; ;) {
        const ids = await readVanished(em, connectionId, run.id, kind, {
          after,
          limit: ROWS_PER_STATEMENT,
          approvedOnly: false,
        });
        const last = ids.at(-1);
        if (last === undefined) break;
        await holdDeletions(em, connectionId, 'listing', goneOf(swept, ids), now);
        after = last;
      }
      const message =
        `${count.vanished} of ${count.living} ${MANY[kind]} are no longer listed by ${rules.provider.name}. That is more than usual, so none of them was marked as deleted. ` +
        `If they were deleted on purpose, approve it; if ${rules.provider.name} should still show them, check the permissions of whoever authorised the connection, or reject it.`;
      await raiseIssue(em, run.connection, { code: MASS_DELETION, subject: kind, message }, now);
      await writeEvents(em, { ...run.connection, connectionId }, now, [
        { type: 'deletions.held', runId: run.id, kind, count: count.vanished },
      ]);
    });
  }

  async #bury(sync: RunningSync, swept: Swept, approvedOnly: boolean): Promise<void> {
    const { kind } = swept;
    const { run } = sync;
    const connectionId = run.connection.id;
    for (;;) {
      const remoteIds = await readVanished(this.em.fork(), connectionId, run.id, kind, {
        after: '',
        limit: ROWS_PER_STATEMENT,
        approvedOnly,
      });
      if (remoteIds.length === 0) return;
      await this.em.fork().transactional(async (em) => {
        await holdRun(em, run);
        const now = this.clock.now();
        await buryGone(em, this.pipeline, sync, goneOf(swept, remoteIds), now);
        await forgetHeld(em, connectionId, kind, remoteIds);
      });
    }
  }
}

function goneOf(swept: Swept, remoteIds: readonly string[]): GoneRecord[] {
  return remoteIds.map((remoteId) => ({ ...swept, remoteId, intoRemoteId: null, at: null }));
}
