import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { StreamRequest, StreamSpec } from '../contract/ats-provider.js';
import type { ProviderContext } from '../contract/context.js';
import { ProviderFault } from '../contract/fault.js';
import type { Cursor, ProviderPage } from '../contract/page.js';
import { EVENT_WORK } from '../events/event-processor.js';
import { WorkQueue } from '../queue/work-queue.port.js';
import { Clock } from '../support/clock.js';
import type { ClaimedRun } from './claimed-run.js';
import { CommitPage } from './commit-page.js';
import { prefetch } from './prefetch.js';
import { preparePages } from './prepare-page.js';
import type { RunIndex } from './run-index.js';
import { closeStream, openStream, rewindStream } from './stream-state.js';
import type { SyncRules } from './sync-rules.js';
import { RESUME_WORK } from './work-kinds.js';

export interface StreamToRead {
  readonly run: ClaimedRun;
  readonly rules: SyncRules;
  readonly index: RunIndex;
  readonly context: ProviderContext<unknown>;
  readonly stream: StreamSpec<unknown>;
  readonly request: StreamRequest;
  /** Name of the cursor; the stream's own when it is read as a whole. */
  readonly name: string;
}

const MOST_REWINDS = 1;
const EVENTS_EVERY_MS = 200;

/** Reads one stream from where its cursor stands to its end, page by page into the database. */
@Injectable()
export class ReadStream {
  #toldAt = 0;

  constructor(
    private readonly em: EntityManager,
    private readonly pages: CommitPage,
    @Inject(WorkQueue) private readonly queue: WorkQueue,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ProviderFault, RunLost; what was committed before stays. */
  async read(spec: StreamToRead): Promise<void> {
    for (let rewinds = 0; ; rewinds += 1) {
      try {
        return await this.#readOn(spec);
      } catch (error) {
        // A stopped run throws the failure of the stream that stopped it: that stream's expired cursor is not ours.
        if (spec.context.signal.aborted) throw error;
        if (!(error instanceof ProviderFault) || error.code !== 'cursor-expired' || rewinds >= MOST_REWINDS)
          throw error;
        await rewindStream(this.em.fork(), spec.run, spec.name);
      }
    }
  }

  async #readOn({ run, rules, index, context, stream, request, name }: StreamToRead): Promise<void> {
    const state = await openStream(this.em.fork(), run.id, name);
    if (state.done) return;
    const passed = new Set<string>();
    let { counts } = state;
    const pages = stream.pages(context, request, state.cursor);
    const wanted = request.mode === 'ids' ? withoutStubs(pages) : pages;
    for await (const prepared of prefetch(
      preparePages(this.em, run.connection.id, wanted, index, () => this.clock.now()),
    )) {
      const { page } = prepared;
      context.signal.throwIfAborted();
      refuseCircle(passed, page.next, name);
      const byId = request.mode === 'ids';
      counts = await this.pages.commit({ run, stream: name, prepared, rules, index, counts, byId });
      await this.#tellOfEvents();
      if (page.records.some((record) => record.kind === 'resume')) {
        await this.queue.enqueue({ kind: RESUME_WORK, id: run.connection.id, lane: 'initial' });
      }
      if (page.next === null) return;
    }
    await closeStream(this.em.fork(), run, name);
  }

  /** Events of a burst of pages leave together; what falls into the pause goes with the next page or the sweep. */
  async #tellOfEvents(): Promise<void> {
    if (Date.now() - this.#toldAt < EVENTS_EVERY_MS) return;
    this.#toldAt = Date.now();
    await this.queue.enqueue({ kind: EVENT_WORK, id: 'outbox', lane: 'outbound' }, { delayMs: EVENTS_EVERY_MS });
  }
}

/** Who is asked for by id was counted when the list showed the stub: it has no name by which to count it once. */
async function* withoutStubs(pages: AsyncIterable<ProviderPage>): AsyncGenerator<ProviderPage> {
  for await (const page of pages)
    yield { ...page, withheld: page.withheld.filter(({ remoteId }) => remoteId !== null) };
}

/** An ATS that hands out a cursor it gave before would keep us paging for ever. */
function refuseCircle(passed: Set<string>, next: Cursor | null, stream: string): void {
  if (next === null) return;
  const key = JSON.stringify(next);
  if (passed.has(key)) {
    // Not `unexpected-shape`: every new attempt would commit the circle's pages once more and so never be given up.
    throw new ProviderFault(
      'invalid-request',
      `The ATS's list "${stream}" leads back to a page that it gave before; reading it was stopped. Ask the ATS's support if it repeats.`,
    );
  }
  passed.add(key);
}
