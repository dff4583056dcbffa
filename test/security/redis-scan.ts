import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkQueue } from '@elly/ats-integration';
import { describe, expect, it } from '@jest/globals';
import type { Scene } from './scene.js';
import type { WatchedRedis } from './watched-redis.js';

const ROW = 'a row that an error quotes';
const FAILING = 'security-failing';

/** Ids, and of an error its name and code, are all that Redis is ever told (ASVS 14.2.1). */
export function describeRedisScan(scene: () => Scene, redis: () => WatchedRedis): void {
  describe('what this run told Redis', () => {
    it('is of every kind of work, and of budgets', () => {
      const words = redis().sent.map(({ text }) => text);
      expect(words.length).toBeGreaterThan(100);
      for (const { id } of scene().queued) expect(words.some((text) => text.includes(id))).toBe(true);
      expect(words.some((text) => text.includes('ats-budget:'))).toBe(true);
    });

    it('holds no row that the error of a failed work item quotes, even when its worker had lost its lock', async () => {
      const canary = scene().secrets.add(ROW, `canary-row-${randomBytes(8).toString('hex')}`);
      const quoted: string[] = [];
      const queue = scene().running.elly.app.get<WorkQueue>(WorkQueue, { strict: false });
      queue.process(
        FAILING,
        async ({ id }) => {
          if (id.startsWith('lost-lock')) expect(await redis().loseLock(id)).toBe(true);
          try {
            // The database quotes the value; the driver's error quotes the whole statement.
            await scene().sql(`insert into ats.candidates (id, remote_id) values (?, ?)`, [canary, canary]);
          } catch (error) {
            quoted.push((error as Error).message);
            throw error;
          }
        },
        1,
      );
      for (const id of ['plain', 'lost-lock'])
        await queue.enqueue({ kind: FAILING, id: `${id}-${randomUUID()}`, lane: 'outbound' });
      const kept = await failed(redis(), 2);
      expect(quoted.every((message) => message.includes(canary))).toBe(true);
      expect(kept.map(({ reason }) => reason)).toEqual(['error (22P02)']);
      expect(kept.map(({ stack }) => stack)).toEqual(['["error (22P02)"]']);
    });

    it('holds no secret and nobody in any key, nor in anything that was sent', async () => {
      const { secrets } = scene();
      expect(secrets.kinds).toContain(ROW);
      expect(secrets.find(await redis().stored())).toEqual([]);
      expect(secrets.find(redis().sent)).toEqual([]);
    });

    it('is told in the log without the row either', () => {
      const { log, secrets } = scene();
      expect(log.filter((line) => line.includes(FAILING)).length).toBeGreaterThan(0);
      expect(secrets.find(log.map((text) => ({ where: 'log', text })))).toEqual([]);
    });

    it('would be found in a key of any type, and on its way there', async () => {
      const { secrets } = scene();
      const keys = await redis().plant(secrets.of(ROW)[0] ?? '');
      const found = secrets.find(await redis().stored()).map(({ where }) => where);
      expect(found.sort()).toEqual(keys.sort());
      expect(secrets.find(redis().sent).map(({ where }) => where)).toContain('xadd to Redis');
    });
  });
}

/** Failed work items that stand in Redis, once so many attempts have failed: those that could not be removed. */
async function failed(redis: WatchedRedis, attempts: number): Promise<{ reason: string; stack: string }[]> {
  for (let look = 0; look < 200; look += 1) {
    const stacktraces = redis.sent.filter(({ text }) => text.includes('stacktrace') && text.includes('failedReason'));
    if (stacktraces.length >= attempts) break;
    await sleep(50);
  }
  const hashes = (await redis.stored()).filter(({ text }) => text.includes('failedReason'));
  return hashes.map(({ text }) => {
    const { failedReason, stacktrace } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as {
      failedReason: string;
      stacktrace: string;
    };
    return { reason: failedReason, stack: stacktrace };
  });
}
