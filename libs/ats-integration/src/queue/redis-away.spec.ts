import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RateBudgets } from '../http/rate-budgets.js';
import { bullQueue } from './bull-queue.module.js';
import { WorkQueue } from './work-queue.port.js';

const ITEM = { kind: 'work', id: '1', lane: 'initial' } as const;
const LIMIT = { algorithm: 'fixed-window', limit: 8, windowSeconds: 60, headers: null } as const;

/** A port on which nobody listens, or somebody who never answers. */
async function redisUrl(silent: boolean): Promise<{ url: string; stop: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy: () => void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  if (!silent) stop();
  return { url: `redis://127.0.0.1:${String(port)}`, stop };
}

describe.each([
  ['refuses connections', false],
  ['never answers', true],
])('a Redis that %s', (_, silent) => {
  let module: TestingModule;
  let stop: () => void;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    const redis = await redisUrl(silent);
    stop = redis.stop;
    module = await Test.createTestingModule({ imports: [bullQueue({ url: redis.url })], providers: [RateBudgets] })

      .compile();
    await module.init();
  });
  afterEach(async () => {
    await module.close();
    stop();
  });

  it('holds nobody up who enqueues, and the second one not at all', async () => {
    const queue = module.get<WorkQueue>(WorkQueue, { strict: false });
    const begun = Date.now();
    await queue.enqueue(ITEM);
    const first = Date.now();
    // Two seconds by the queue's own clock; a machine that is busy adds to it.
    expect(first - begun).toBeLessThan(6_000);
    await queue.enqueue(ITEM);
    expect(Date.now() - first).toBeLessThan(100);
  });

  it('leaves a quarter of the budget, and lets a run that waits for more be stopped', async () => {
    const budget = module.get(RateBudgets).of('x', 'y', LIMIT);
    const stopping = new AbortController();
    await budget.acquire(stopping.signal);
    await budget.acquire(stopping.signal);
    const refused = expect(budget.acquire(stopping.signal)).rejects.toThrow();
    setTimeout(() => stopping.abort(), 50);
    await refused;
  });

  it('does not keep the process from ending, handlers or not', async () => {
    const queue = module.get<WorkQueue>(WorkQueue, { strict: false });
    queue.process('work', () => Promise.resolve(), 1);
    const begun = Date.now();
    await module.close();
    expect(Date.now() - begun).toBeLessThan(4_500);
  });
});
