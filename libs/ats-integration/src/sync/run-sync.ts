import { Injectable } from '@nestjs/common';
import { ProviderSessions } from '../connections/provider-sessions.js';
import type { StreamSpec } from '../contract/ats-provider.js';
import type { RecordKind } from '../contract/records.js';
import type { ClaimedRun } from './claimed-run.js';
import { DeletionSweep } from './deletion-sweep.js';
import { ListedReads } from './listed-reads.js';
import { RunPreparation } from './run-preparation.js';
import type { RunningSync } from './running-sync.js';
import { streamsBefore } from './stream-order.js';
import { sweepsDeletions } from './sync-run-status.js';
import { TargetedReads } from './targeted-reads.js';

/**
 * THE pipeline of one run, top to bottom: jobs and stages → stage mapping → applications and people → who is still
 * missing → what is gone. Streams that do not need each other go side by side under the account's one budget, and beside
 * them what webhooks name meanwhile.
 */
@Injectable()
export class RunSync {
  constructor(
    private readonly sessions: ProviderSessions,
    private readonly preparation: RunPreparation,
    private readonly lists: ListedReads,
    private readonly named: TargetedReads,
    private readonly deletions: DeletionSweep,
  ) {}

  /** Returns the streams that are complete now. `stop` is called when one fails, so that the others end too. */
  async run(run: ClaimedRun, signal: AbortSignal, stop: (reason: unknown) => void): Promise<readonly string[]> {
    const session = this.sessions.open({ ...run.connection }, signal, () => (run.requests += 1));
    const sync = await this.preparation.prepare(run, session);
    const streams = session.provider.streams.filter((stream) => stream.wanted?.(session.context.config) ?? true);
    if (run.kind === 'targeted') {
      await this.named.readNamed(sync);
      return [];
    }

    const reading = new Map<string, Promise<void>>();
    const without = new Set<string>();
    const read = (stream: StreamSpec<unknown>): Promise<void> => {
      const begun = reading.get(stream.name) ?? this.#readAfter(sync, stream, endOf, stagesMapped, without);
      reading.set(stream.name, begun);
      return begun;
    };
    const endOf = async (names: readonly string[]): Promise<void> => {
      await Promise.all(streams.filter(({ name }) => names.includes(name)).map(read));
    };
    const stagesMapped = once(async () => {
      await endOf(yielding(streams, 'stage'));
      await this.preparation.mapStages(sync);
    });

    const listed = ended(Promise.all([...streams.map(read), stagesMapped()]));
    const besides = async (): Promise<void> => {
      // Before the jobs are here, nobody could be let in.
      await Promise.all([endOf(yielding(streams, 'job')), stagesMapped()]);
      await this.named.readBeside(sync, listed);
    };
    await allOrStop([...streams.map(read), stagesMapped(), besides()], stop);
    // Only now has everything been listed: what no stream showed can be gone.
    if (sweepsDeletions(run.kind)) await this.deletions.sweep(sync);
    return streams.map(({ name }) => name).filter((name) => !without.has(name));
  }

  async #readAfter(
    sync: RunningSync,
    stream: StreamSpec<unknown>,
    endOf: (names: readonly string[]) => Promise<void>,
    stagesMapped: () => Promise<void>,
    without: Set<string>,
  ): Promise<void> {
    await endOf(streamsBefore(sync.session.provider, stream));
    if (stream.kinds.includes('application')) await stagesMapped();
    if (!(await this.lists.read(sync, stream))) without.add(stream.name);
  }
}

function yielding(streams: readonly StreamSpec<unknown>[], kind: RecordKind): string[] {
  return streams.filter((stream) => stream.kinds.includes(kind)).map(({ name }) => name);
}

/** Waits for all; the first failure stops the others, and is thrown when the last of them has let go. */
async function allOrStop(promises: readonly Promise<void>[], stop: (reason: unknown) => void): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    promises.map((promise) =>
      promise.catch((error: unknown) => {
        failures.push(error);
        stop(error);
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

function ended(work: Promise<unknown>): AbortSignal {
  const end = new AbortController();
  const over = (): void => end.abort();
  void work.then(over, over);
  return end.signal;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= work());
}
