import { setTimeout as sleep } from 'node:timers/promises';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { StreamSpec } from '../contract/ats-provider.js';
import type { RecordKind } from '../contract/records.js';
import { readNamed } from './named-records.js';
import { RunPreparation } from './run-preparation.js';
import type { RunningSync } from './running-sync.js';
import { TargetedReading } from './targeted-reading.js';
import {
  READING_ORDER,
  anonymisedIn,
  planOf,
  settlementOf,
  streamOfIds,
  streamWith,
  survivorsOf,
} from './targeted-plan.js';
import type { TargetedPlan } from './targeted-plan.js';
import { TargetedSettlement } from './targeted-settlement.js';
import { TargetedStreams } from './targeted-streams.js';

/** How often a run that lists looks for what was named meanwhile. */
const LOOK_EVERY_MS = 500;

/**
 * Reads what webhooks named. One run is active on a connection, and it alone writes: a targeted run when nothing else
 * goes on, otherwise the run that does takes the named records along, beside its lists. So nothing that is named during
 * an hour of first sync waits for its end, and what a run knows of the connection (jobs, placement, who waits for whom)
 * stays true.
 */
@Injectable()
export class TargetedReads {
  constructor(
    private readonly em: EntityManager,
    private readonly streams: TargetedStreams,
    private readonly preparation: RunPreparation,
    private readonly settlement: TargetedSettlement,
  ) {}

  /** Everything that was named up to now. False when that was nothing. */
  async readNamed(sync: RunningSync): Promise<boolean> {
    const named = await readNamed(this.em.fork(), sync.run.connection.id);
    if (named.length === 0) return false;
    const plan = planOf(named, await this.settlement.erase(sync, anonymisedIn(named)));
    for (const [survivor, merged] of survivorsOf(plan)) sync.index.survivors.set(survivor, merged);
    const reading = new TargetedReading(sync);
    for (const kind of READING_ORDER) await this.#readKind(reading, plan, kind);
    const outcome = reading.outcome(plan);
    const alone = sync.run.kind === 'targeted';
    const settlement = settlementOf(named, plan, outcome, alone);
    await this.settlement.settle(sync, plan, settlement, alone && outcome.unreadable.size > 0);
    return true;
  }

  /** Again and again beside the lists of a run, until they have `ended`. What is named after that is the next run's. */
  async readBeside(sync: RunningSync, ended: AbortSignal): Promise<void> {
    const { signal } = sync.session.context;
    const over = AbortSignal.any([ended, signal]);
    while (!over.aborted) {
      await this.readNamed(sync);
      await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  async #readKind(reading: TargetedReading, plan: TargetedPlan, kind: RecordKind): Promise<void> {
    const ids = [...(plan.wanted.get(kind) ?? [])];
    if (ids.length === 0) return;
    const { sync } = reading;
    const { provider } = sync.session;
    const own = streamOfIds(provider, kind);
    if (own !== undefined) await this.#readOwn(reading, kind, own, ids);
    else await this.#readWithPartner(reading, kind, ids);
    if (kind === 'job' && !reading.hasFailed('job')) {
      await reading.trying('stage', () => this.streams.stagesOfJobs(reading, ids));
      await this.preparation.mapStages(sync);
      if (sync.run.kind === 'targeted')
        await reading.trying('application', () => this.streams.peopleOfOpenedJobs(reading));
    }
  }

  async #readOwn(
    reading: TargetedReading,
    kind: RecordKind,
    stream: StreamSpec<unknown>,
    ids: readonly string[],
  ): Promise<void> {
    reading.asked(kind, ids);
    await reading.trying(kind, () => this.streams.read(reading, stream, ids));
    if (kind === 'application') await reading.trying(kind, () => this.#withTheirs(reading, stream, ids));
  }

  /** An application needs its job, to be let in, and its candidate, to be anybody's. */
  async #withTheirs(reading: TargetedReading, stream: StreamSpec<unknown>, ids: readonly string[]): Promise<void> {
    const jobs = await this.streams.unknownJobsOf(reading, ids);
    const listed = streamOfIds(reading.sync.session.provider, 'job');
    if (jobs.length > 0 && listed !== undefined) {
      await this.streams.read(reading, listed, jobs);
      await this.streams.stagesOfJobs(reading, jobs);
      await this.preparation.mapStages(reading.sync);
      await this.streams.read(reading, stream, ids);
    }
    await this.streams.candidatesOf(reading, ids);
  }

  async #readWithPartner(reading: TargetedReading, kind: RecordKind, ids: readonly string[]): Promise<void> {
    const partner = kind === 'candidate' ? 'application' : kind === 'application' ? 'candidate' : null;
    const stream = partner === null ? undefined : streamWith(reading.sync.session.provider, kind, partner);
    if (stream === undefined) return reading.cannotRead(kind);
    await reading.trying(kind, async () => {
      const partners = await this.streams.partnersOf(reading, kind, ids);
      await this.streams.read(reading, stream, partners);
    });
  }
}
