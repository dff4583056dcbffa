import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { getQueueToken } from '@nestjs/bull';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Queue } from 'bull';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bullQueue } from './bull-queue.module.js';
import { BULL_QUEUE } from './bull-work-queue.js';
import { InProcessWorkQueue } from './in-process-work-queue.js';
import { LANES, WorkQueue } from './work-queue.port.js';
import type { Lane, WorkItem } from './work-queue.port.js';

const KIND = 'work';

/** What every queue promises; the engine relies on nothing else. */
function describeWorkQueue(name: string, create: () => Promise<WorkQueue>): void {
  describe(name, () => {
    let queue: WorkQueue;
    let delivered: string[];

    beforeAll(() => {
      Logger.overrideLogger(false);
    });
    beforeEach(async () => {
      queue = await create();
      delivered = [];
    });
    afterEach(() => queue.close());

    const item = (id: string, lane: Lane = 'initial', kind = KIND): WorkItem => ({ kind, id, lane });
    const note = ({ id }: WorkItem): Promise<void> => {
      delivered.push(id);
      return Promise.resolve();
    };
    async function until(done: () => boolean): Promise<void> {
      while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    /** A handler that holds its first item until it is let go. */
    function holding(): { handler: (work: WorkItem) => Promise<void>; begun: () => boolean; letGo: () => void } {
      let letGo: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (letGo = resolve));
      return {
        handler: async (work) => {
          delivered.push(work.id);
          if (delivered.length === 1) await gate;
        },
        begun: () => delivered.length > 0,
        letGo,
      };
    }

    it("works outside of whatever is around whoever enqueues: a transaction of the host's, for one", async () => {
      const around = new AsyncLocalStorage<string>();
      const seen: (string | undefined)[] = [];
      queue.process(
        KIND,
        () => {
          seen.push(around.getStore());
          return Promise.resolve();
        },
        1,
      );
      await around.run('a transaction', async () => {
        await queue.enqueue(item('a'));
        await queue.enqueue(item('b'), { delayMs: 20 });
      });
      await until(() => seen.length === 2);
      expect(seen).toEqual([undefined, undefined]);
    });

    it('delivers what is enqueued, as it was enqueued', async () => {
      const items: WorkItem[] = [];
      queue.process(KIND, (work) => Promise.resolve(void items.push(work)), 1);
      await queue.enqueue(item('1', 'webhook'));
      await until(() => items.length > 0);
      expect(items).toEqual([item('1', 'webhook')]);
    });

    it('keeps kinds apart', async () => {
      const others: string[] = [];
      queue.process(KIND, note, 1);
      queue.process('other', ({ id }) => Promise.resolve(void others.push(id)), 1);
      await queue.enqueue(item('1'));
      await queue.enqueue(item('2', 'initial', 'other'));
      await until(() => delivered.length + others.length === 2);
      expect([delivered, others]).toEqual([['1'], ['2']]);
      expect([...queue.handled()].sort()).toEqual(['other', KIND]);
    });

    it('takes the lane that a person waits for first', async () => {
      const { handler, begun, letGo } = holding();
      queue.process(KIND, handler, 1);
      await queue.enqueue(item('held'));
      await until(begun);
      for (const lane of [...LANES].reverse()) await queue.enqueue(item(lane, lane));
      letGo();
      await until(() => delivered.length === 5);
      expect(delivered).toEqual(['held', ...LANES]);
    });

    it('holds back what is delayed', async () => {
      queue.process(KIND, note, 1);
      await queue.enqueue(item('late'), { delayMs: 60_000 });
      await queue.enqueue(item('soon'), { delayMs: 50 });
      await queue.enqueue(item('now'));
      await until(() => delivered.length === 2);
      expect(delivered).toEqual(['now', 'soon']);
    });

    it('goes on after a handler that fails, and does not call it again for that item', async () => {
      queue.process(
        KIND,
        async (work) => {
          await note(work);
          if (work.id === 'bad') throw new Error('bad');
        },
        1,
      );
      await queue.enqueue(item('bad'));
      await queue.enqueue(item('good'));
      await until(() => delivered.includes('good'));
      expect(delivered).toEqual(['bad', 'good']);
      await queue.enqueue(item('bad'));
      await until(() => delivered.length === 3);
    });

    it('prints of the error of a handler its name and code, not the row that it quotes', async () => {
      const printed: string[] = [];
      const print = (line: unknown): number => printed.push(String(line));
      Logger.overrideLogger({ log: print, warn: print, error: print });
      const quoting = Object.assign(new TypeError('Failing row contains (canary)'), { code: '23502' });
      queue.process(KIND, () => Promise.reject(quoting), 1);
      await queue.enqueue(item('bad'));
      await until(() => printed.length > 0);
      Logger.overrideLogger(false);
      expect(printed).toEqual([`Work item ${KIND} bad failed: TypeError (23502)`]);
    });

    it('does not take two handlers of one kind, and keeps the first', async () => {
      queue.process(KIND, note, 1);
      expect(() => queue.process(KIND, note, 1)).toThrow(`Work of kind "${KIND}" has two handlers; register one.`);
      await queue.enqueue(item('1'));
      await until(() => delivered.length === 1);
    });

    it('delivers an item again that comes while its twin runs', async () => {
      const { handler, begun, letGo } = holding();
      queue.process(KIND, handler, 1);
      await queue.enqueue(item('twin'));
      await until(begun);
      await queue.enqueue(item('twin'));
      letGo();
      await until(() => delivered.length === 2);
      expect(delivered).toEqual(['twin', 'twin']);
    });

    it('loses no item among many that are equal', async () => {
      const { handler, begun, letGo } = holding();
      queue.process(KIND, handler, 1);
      await queue.enqueue(item('held'));
      await until(begun);
      for (let count = 0; count < 5; count += 1) for (const id of ['a', 'b', 'c']) await queue.enqueue(item(id));
      letGo();
      await until(() => ['a', 'b', 'c'].every((id) => delivered.includes(id)));
    });

    it('waits for what runs when it closes, and begins nothing more', async () => {
      const { handler, begun, letGo } = holding();
      let ended = false;
      queue.process(KIND, (work) => handler(work).then(() => void (ended = true)), 1);
      await queue.enqueue(item('running'));
      await until(begun);
      await queue.enqueue(item('waiting'));
      const closing = queue.close();
      setTimeout(letGo, 30);
      await closing;
      expect(ended).toBe(true);
      expect(delivered).toEqual(['running']);
    });
  });
}

describeWorkQueue('InProcessWorkQueue', () => Promise.resolve(new InProcessWorkQueue()));

const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

const reachable = await new Promise<boolean>((resolve) => {
  const { hostname, port } = new URL(REDIS);
  const socket = connect(Number(port) || 6379, hostname, () => {
    socket.destroy();
    resolve(true);
  });
  socket.once('error', () => resolve(false));
});

if (reachable || process.env['CI'] === 'true') {
  describeWorkQueue('BullWorkQueue', async () => {
    // Keys of its own: other tests may use the same Redis.
    const module = await Test.createTestingModule({
      imports: [bullQueue({ url: REDIS, prefix: `ats-test-${randomUUID()}` })],
    }).compile();
    module.useLogger(false);
    await module.init();
    await module.get<Queue>(getQueueToken(BULL_QUEUE)).isReady();
    return module.get<WorkQueue>(WorkQueue);
  });
} else {
  describe.skip(`BullWorkQueue (skipped: no Redis is reachable at ${REDIS}; set REDIS_URL)`, () => {
    it('keeps the same promises on Redis', () => undefined);
  });
}
