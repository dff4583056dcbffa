import { setTimeout as sleep } from 'node:timers/promises';
import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Job, Queue } from 'bull';
import { bareError } from './bare-error.js';
import { LANES } from './work-queue.port.js';
import type { WorkHandler, WorkItem, WorkQueue } from './work-queue.port.js';

/** Bull's name of our one queue; the kinds of work are its named processors. */
export const BULL_QUEUE = 'ats-integration';

/** So long a producer waits for Redis, once for each time that Redis goes away; after that it gives up at once. */
const ENQUEUE_MS = 2_000;
const READY_POLL_MS = 10;
/** So long Bull may take leave of Redis when nothing runs any more. */
const CLOSE_MS = 3_000;

/**
 * Spreads work over every process that shares the Redis. Bull gives an item again when its worker dies or stalls, so
 * handlers claim in Postgres before they touch anything. Items carry no `jobId`: Bull would drop one that is added
 * while its twin still runs, and the wake-up would be lost. While Redis is away nothing is queued and nobody waits:
 * what was due is due in Postgres, where the sweep finds it. Bull keeps in Redis what an item and its error say, and an
 * item that fails without its lock stays there: ids, and an error's name and code, are all that Bull is told.
 */
@Injectable()
export class BullWorkQueue implements WorkQueue, OnApplicationShutdown {
  readonly #logger = new Logger('AtsWorkQueue');
  readonly #kinds = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #away = false;
  #closing: Promise<void> | null = null;

  constructor(@InjectQueue(BULL_QUEUE) private readonly queue: Queue<WorkItem>) {
    // Without a listener a lost Redis would end the process; Bull reconnects by itself and the sweep finds what was due.
    queue.on('error', (error: Error) => this.#logger.warn(`Redis: ${error.message}`));
    // Nest's module of Bull closes the queue too, and would wait for Redis.
    Object.assign(queue, { onApplicationShutdown: () => this.close() });
    forgiveNaming(queue);
    // Null when Bull gave up an item that stalled again and again: it is removed by then.
    queue.on('failed', (job: Job<WorkItem> | null, error: Error) =>
      this.#logger.error(`Work item ${job?.data.kind ?? ''} ${job?.data.id ?? ''} failed: ${error.message}`),
    );
  }

  /** Best effort: resolves within two seconds, queued or not. */
  async enqueue(item: WorkItem, options: { readonly delayMs?: number } = {}): Promise<void> {
    if (this.#away && !this.#isReady()) return;
    const deadline = new AbortController();
    const adding = this.#add(item, options.delayMs ?? 0, deadline.signal);
    const queued = await Promise.race([
      adding.catch(() => false),
      sleep(ENQUEUE_MS, false, { signal: deadline.signal }).catch(() => false),
    ]);
    deadline.abort();
    this.#away = !queued;
    if (!queued) this.#logger.warn('Redis is away: work was not queued; the sweep finds it.');
  }

  process(kind: string, handler: WorkHandler, concurrency: number): void {
    if (this.#kinds.has(kind)) throw new Error(`Work of kind "${kind}" has two handlers; register one.`);
    this.#kinds.add(kind);
    // Not before Redis was there once: a worker of Bull that never saw it ends the process when the queue closes.
    this.#connected()
      .then(() => this.queue.process(kind, concurrency, (job: Job<WorkItem>) => this.#run(handler, job.data)))
      // It ends so when the queue closes, and when Redis goes before it was ever there: neither may end the process.
      .catch((error: unknown) => {
        if (this.#closing !== null) return;
        this.#logger.warn(
          `Work of kind "${kind}" is no longer taken: ${error instanceof Error ? error.message : 'closed'}`,
        );
      });
  }

  handled(): readonly string[] {
    return [...this.#kinds];
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  #isReady(): boolean {
    return this.queue.client.status === 'ready';
  }

  async #connected(): Promise<void> {
    if (!this.#isReady()) await new Promise<void>((resolve) => this.queue.client.once('ready', () => resolve()));
    if (this.#closing !== null) throw new Error('closed');
  }

  async #add({ kind, id, lane }: WorkItem, delay: number, signal: AbortSignal): Promise<boolean> {
    // Not handed to the client before it is connected: it would keep every item until Redis is back.
    while (!this.#isReady()) await sleep(READY_POLL_MS, undefined, { signal });
    const options = { delay, attempts: 1, removeOnComplete: true, removeOnFail: true };
    await this.queue.add(kind, { kind, id, lane }, { ...options, priority: LANES.indexOf(lane) + 1 });
    return true;
  }

  async #run(handler: WorkHandler, item: WorkItem): Promise<void> {
    const run = handleBarely(handler, item);
    this.#running.add(run);
    try {
      await run;
    } finally {
      this.#running.delete(run);
    }
  }

  async #close(): Promise<void> {
    const away = !this.#isReady();
    // Bull waits for a Redis that never came, unless its clients have ended.
    if (away) for (const client of this.queue.clients) client.disconnect();
    const closing = this.queue.close(away).catch(() => undefined);
    await Promise.allSettled(this.#running);
    await Promise.race([closing, sleep(CLOSE_MS, undefined, { ref: false })]);
  }
}

async function handleBarely(handler: WorkHandler, item: WorkItem): Promise<void> {
  try {
    await handler(item);
  } catch (error) {
    throw bareError(error);
  }
}

/**
 * Bull names its blocking connection for every kind of work and waits for none of it: a naming that stands behind a
 * blocking read when the queue closes would be a rejection that nobody handles, which ends the process.
 */
function forgiveNaming(queue: Queue): void {
  const setWorkerName = queue.setWorkerName.bind(queue);
  queue.setWorkerName = () => setWorkerName().catch(() => null);
}
