import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RateBudget } from './rate-budget.js';

// The real `sleep` does not know of fake timers; this one is made of the timer that they replace.
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(value), ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
}));
const { RateBudgets } = await import('./rate-budgets.js');
const { WindowBudget } = await import('./window-budget.js');

const WINDOW = {
  algorithm: 'fixed-window',
  limit: 10,
  windowSeconds: 10,
  headers: { limit: 'l', remaining: 'r', reset: 't' },
} as const;

const never = new AbortController().signal;

/** Moments (ms since the start) at which requests went out. */
function start(budget: RateBudget, requests: number, signal = never): number[] {
  const begun = Date.now();
  const sent: number[] = [];
  for (let count = 0; count < requests; count += 1) {
    void budget.acquire(signal).then(
      () => sent.push(Date.now() - begun),
      () => undefined,
    );
  }
  return sent;
}

beforeEach(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const later = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('WindowBudget', () => {
  const reading = (remaining: number, inMs: number, limit = 10) => ({
    limit,
    remaining,
    resetAt: new Date(Date.now() + inMs),
  });

  it('lets through as many as the window allows, and the next only after its end', async () => {
    const budget = new WindowBudget(WINDOW);
    const sent = start(budget, 15);
    await later(1);
    expect(sent).toHaveLength(10);
    for (let count = 0; count < 10; count += 1) budget.settle(reading(9 - count, 5000));
    await later(5000);
    expect(sent).toHaveLength(10);
    await later(1000);
    expect(sent).toHaveLength(15);
    expect(Math.min(...sent.slice(10))).toBeGreaterThan(5000);
  });

  it('believes the ATS when it says that less is left', async () => {
    const budget = new WindowBudget(WINDOW);
    start(budget, 1);
    await later(1);
    budget.settle(reading(2, 5000));
    const sent = start(budget, 9);
    await later(100);
    expect(sent).toHaveLength(2);
  });

  it('does not believe the ATS when it says that more is left', async () => {
    const budget = new WindowBudget(WINDOW);
    const sent = start(budget, 12);
    await later(1);
    budget.settle(reading(10, 5000));
    await later(100);
    expect(sent).toHaveLength(10);
  });

  it('takes over a limit that the ATS changed, from the next window on', async () => {
    const budget = new WindowBudget(WINDOW);
    start(budget, 1);
    await later(1);
    budget.settle(reading(0, 1000, 3));
    const sent = start(budget, 9);
    await later(1500);
    expect(sent).toHaveLength(3);
  });

  it('goes on although the ATS never says anything of its window', async () => {
    const budget = new WindowBudget(WINDOW);
    const sent = start(budget, 15);
    await later(1);
    for (let count = 0; count < 10; count += 1) budget.settle(null);
    await later(9_000);
    expect(sent).toHaveLength(10);
    await later(2_000);
    expect(sent).toHaveLength(15);
  });

  it('goes on when the end of the window that the ATS names lies in our past', async () => {
    const budget = new WindowBudget(WINDOW);
    const sent = start(budget, 15);
    await later(1);
    for (let count = 0; count < 10; count += 1) budget.settle(reading(0, -60_000));
    await later(11_000);
    expect(sent).toHaveLength(15);
  });

  it('lets nothing through while it is paused', async () => {
    const budget = new WindowBudget(WINDOW);
    budget.pause(3000);
    budget.pause(10);
    const sent = start(budget, 1);
    await later(2900);
    expect(sent).toEqual([]);
    await later(200);
    expect(sent).toHaveLength(1);
  });

  it('stops waiting when the run is stopped, and takes nothing from the window then', async () => {
    const budget = new WindowBudget(WINDOW);
    budget.pause(3000);
    const stop = new AbortController();
    const waiting = budget.acquire(stop.signal);
    const refused = expect(waiting).rejects.toThrow();
    stop.abort();
    await refused;
    await later(3000);
    const sent = start(budget, 10);
    await later(1);
    expect(sent).toHaveLength(10);
  });
});

describe('CounterBudget', () => {
  /** Requests in the busiest stretch of this many ms. */
  const busiest = (sent: readonly number[], ms: number): number =>
    Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + ms).length));

  it.each([
    [10, 20],
    [5, 10],
    [2.5, 20],
    [1, 2],
    [0.5, 2],
    [0.2, 5],
  ])('never exceeds a bucket that refills %d a second and holds %d', async (refillPerSecond, capacity) => {
    const budget = new RateBudgets().of('x', 'y', { algorithm: 'token-bucket', refillPerSecond, capacity });
    const sent = start(budget, 200);
    for (let step = 0; step < 300; step += 1) await later(100);
    expect(sent.length).toBeGreaterThan(1);
    let level = capacity;
    let last = 0;
    for (const at of sent) {
      level = Math.min(capacity, level + ((at - last) / 1000) * refillPerSecond) - 1;
      last = at;
      expect(level).toBeGreaterThanOrEqual(-0.001);
    }
  });

  it('uses what a bucket of a usual shape allows', async () => {
    const budget = new RateBudgets().of('x', 'y', { algorithm: 'token-bucket', refillPerSecond: 10, capacity: 20 });
    const sent = start(budget, 100);
    for (let step = 0; step < 110; step += 1) await later(100);
    expect(sent).toHaveLength(100);
    expect(busiest(sent, 1000)).toBeLessThanOrEqual(20);
  });

  it('counts a window that the ATS says nothing of', async () => {
    const budget = new RateBudgets().of('x', 'y', { ...WINDOW, headers: null });
    const sent = start(budget, 25);
    await later(9_900);
    expect(sent).toHaveLength(10);
    await later(200);
    expect(sent).toHaveLength(20);
  });

  it('waits for the end of a window that is used up, and while it is paused', async () => {
    const budget = new RateBudgets().of('x', 'y', { algorithm: 'token-bucket', refillPerSecond: 10, capacity: 20 });
    budget.settle({ limit: 10, remaining: 0, resetAt: new Date(Date.now() + 4000) });
    const sent = start(budget, 1);
    await later(4000);
    expect(sent).toEqual([]);
    await later(200);
    expect(sent).toHaveLength(1);
  });

  it('stops waiting when the run is stopped', async () => {
    const budget = new RateBudgets().of('x', 'y', { algorithm: 'token-bucket', refillPerSecond: 1, capacity: 2 });
    const stop = new AbortController();
    await budget.acquire(stop.signal);
    const refused = expect(budget.acquire(stop.signal)).rejects.toThrow();
    await later(10);
    stop.abort();
    await refused;
  });
});

describe('RateBudgets', () => {
  it('gives one budget to everything that talks to one account, and another to another', () => {
    const budgets = new RateBudgets();
    expect(budgets.of('ats', 'acme', WINDOW)).toBe(budgets.of('ats', 'acme', WINDOW));
    expect(budgets.of('ats', 'acme', WINDOW)).not.toBe(budgets.of('ats', 'globex', WINDOW));
    expect(budgets.of('ats', 'acme', WINDOW)).not.toBe(budgets.of('other', 'acme', WINDOW));
  });
});
