import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HookReceiver } from '../testing/hook-receiver.js';
import { DEFAULT_WEBHOOK_KNOBS, type WebhookKnobs } from './webhook-knobs.js';
import { WebhookOutbox } from './webhook-outbox.js';

const MINUTE_MS = 60_000;

describe('the outbox of webhooks', () => {
  let receiver: HookReceiver;
  let now: number;
  let knobs: WebhookKnobs;
  const outboxes: WebhookOutbox[] = [];
  beforeEach(async () => {
    receiver = await HookReceiver.start();
    [now, knobs] = [0, { ...DEFAULT_WEBHOOK_KNOBS, delivery: 'manual' }];
  });
  afterEach(async () => {
    await Promise.all(outboxes.splice(0).map((outbox) => outbox.close()));
    await receiver.stop();
  });

  /** A hook's name is where it delivers to: `here`, or a URL. */
  const outboxOf = (seed = 1): WebhookOutbox => {
    const urlOf = (hook: string): string | undefined =>
      hook === 'gone' ? undefined : hook === 'here' ? receiver.url : hook;
    const rules = {
      seed,
      urlOf,
      gapsMs: () => [MINUTE_MS, 5 * MINUTE_MS],
      succeeded: (status: number) => status === 200,
      render: ({ hook, payload, identity }: { hook: string; payload: object; identity: number }) => {
        const url = urlOf(hook);
        return url === undefined
          ? undefined
          : { url, headers: { 'x-name': String(identity) }, body: JSON.stringify(payload) };
      },
    };
    const made = new WebhookOutbox(
      rules,
      () => now,
      () => knobs,
    );
    outboxes.push(made);
    return made;
  };
  const add = (outbox: WebhookOutbox, count: number, hook = 'here'): void => {
    for (let place = 0; place < count; place += 1) outbox.add({ hook, event: 'happened', payload: { place }, at: now });
  };
  const places = (): readonly unknown[] =>
    receiver.take().map(({ body }) => (JSON.parse(body) as { readonly place: unknown }).place);
  const names = (): readonly unknown[] => receiver.take().map(({ headers }) => headers['x-name']);

  /** A receiver that takes connections and never answers. */
  const silent = async (): Promise<{
    readonly url: string;
    readonly asked: () => number;
    readonly stop: () => Promise<void>;
  }> => {
    let asked = 0;
    const server: Server = createServer(() => (asked += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked: () => asked, stop };
  };
  const until = async (condition: () => boolean): Promise<void> => {
    for (let wait = 0; wait < 400 && !condition(); wait += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(condition()).toBe(true);
  };

  it('delivers in the order of what happened, once', async () => {
    const outbox = outboxOf();
    add(outbox, 20);
    expect(await outbox.flush(false)).toEqual({ attempted: 20, delivered: 20, failed: 0, pending: 0 });
    expect(places()).toEqual(Array.from({ length: 20 }, (_, place) => place));
    expect(await outbox.flush(true)).toMatchObject({ attempted: 0 });
  });

  it.each(['lost', 'duplicated', 'reordered', 'delayed'] as const)(
    'makes the same deliveries %s for the same seeds, and others for another account or seed',
    async (knob) => {
      const outcome = async (seed: number, account: number, pings = 0): Promise<string> => {
        knobs = { ...knobs, seed, [knob]: 0.5 };
        const outbox = outboxOf(account);
        for (let ping = 0; ping < pings; ping += 1)
          await outbox.sendNow({ hook: 'here', event: 'test', payload: {}, at: now });
        receiver.take();
        add(outbox, 40);
        await outbox.flush(false);
        return JSON.stringify(places());
      };
      const first = await outcome(1, 1);
      expect(first).not.toBe(JSON.stringify(Array.from({ length: 40 }, (_, place) => place)));
      expect(await outcome(1, 1)).toBe(first);
      // Tests in between change nothing.
      expect(await outcome(1, 1, 3)).toBe(first);
      expect(await outcome(2, 1)).not.toBe(first);
      expect(await outcome(1, 2)).not.toBe(first);
    },
  );

  it('never attempts what is lost, save by hand, and lets at most eight overtake what is reordered', async () => {
    knobs = { ...knobs, lost: 1 };
    const outbox = outboxOf();
    add(outbox, 2);
    expect(await outbox.flush(true)).toEqual({ attempted: 0, delivered: 0, failed: 0, pending: 0 });
    expect(outbox.list().map(({ state }) => state)).toEqual(['lost', 'lost']);
    expect(await outbox.resend(2)).toMatchObject({ state: 'delivered' });
    expect(places()).toEqual([1]);
    knobs = { ...knobs, lost: 0, reordered: 0.4 };
    add(outbox, 60);
    await outbox.flush(false);
    const order = places() as readonly number[];
    const overtaken = order.map((place, at) => order.slice(0, at).filter((other) => other > place).length);
    expect(Math.max(...overtaken)).toBeGreaterThan(0);
    expect(Math.max(...overtaken)).toBeLessThanOrEqual(8);
  });

  it('delivers what was held back when its time has come, and no sooner', async () => {
    knobs = { ...knobs, delayed: 1, delayMs: 10 * MINUTE_MS };
    const outbox = outboxOf();
    add(outbox, 10);
    expect(await outbox.flush(false)).toMatchObject({ attempted: 0, pending: 10 });
    const due = outbox.list().map(({ dueAt }) => Date.parse(dueAt));
    expect([Math.min(...due) > 0, Math.max(...due) <= 10 * MINUTE_MS]).toEqual([true, true]);
    now = Math.min(...due);
    expect((await outbox.flush(false)).attempted).toBeGreaterThanOrEqual(1);
    now = 10 * MINUTE_MS;
    expect(await outbox.flush(false)).toMatchObject({ pending: 0 });
    expect(new Set(places()).size).toBe(10);
  });

  it('names retries, duplicates and re-sends as the first attempt was, or each anew', async () => {
    knobs = { ...knobs, duplicated: 1 };
    for (const repeatedIds of ['same', 'new'] as const) {
      knobs = { ...knobs, repeatedIds };
      const outbox = outboxOf();
      add(outbox, 1);
      receiver.status = 500;
      await outbox.flush(false);
      receiver.status = 200;
      await outbox.flush(true);
      await outbox.resend(1);
      const [given, ...rest] = names();
      expect(rest).toHaveLength(4);
      expect(new Set([given, ...rest]).size).toBe(repeatedIds === 'same' ? 1 : 5);
      add(outbox, 1);
      await outbox.flush(false);
      expect(names()).not.toContain(given);
    }
  });

  it('outlives receivers that are away, and gives up when there are no attempts left', async () => {
    const away = await HookReceiver.start();
    await away.stop();
    const outbox = outboxOf();
    add(outbox, 1, away.url);
    add(outbox, 1, 'gone');
    add(outbox, 1);
    expect(await outbox.flush(false)).toEqual({ attempted: 3, delivered: 1, failed: 2, pending: 1 });
    for (const minutes of [1, 5, 60]) {
      now += minutes * MINUTE_MS - 1;
      expect(await outbox.flush(false)).toMatchObject({ attempted: 0 });
      now += 1;
      await outbox.flush(false);
    }
    expect(outbox.list()).toMatchObject([
      { state: 'failed', attempts: Array.from({ length: 3 }, () => ({ status: null, error: expect.any(String) })) },
      { state: 'failed', attempts: [{ status: null, error: 'The webhook is gone or switched off.' }] },
      { state: 'delivered' },
    ]);
  });

  it('lets a receiver that does not answer hold up neither others nor tests', async () => {
    const { url, asked, stop } = await silent();
    knobs = { ...knobs, delivery: 'automatic', timeoutMs: 60_000 };
    const outbox = outboxOf();
    add(outbox, 3, url);
    const first = outbox.tick();
    await until(() => asked() === 1);
    add(outbox, 1);
    await outbox.tick();
    expect(places()).toEqual([0]);
    expect(await outbox.sendNow({ hook: 'here', event: 'test', payload: {}, at: now })).toBe(true);
    expect(asked()).toBe(1);
    await outbox.close();
    await first;
    await stop();
  });

  it('takes no answer in time for a failure', async () => {
    const { url, stop } = await silent();
    knobs = { ...knobs, timeoutMs: 30 };
    const outbox = outboxOf();
    add(outbox, 1, url);
    expect(await outbox.flush(false)).toMatchObject({ attempted: 1, failed: 1, pending: 1 });
    expect(outbox.list()[0]?.attempts).toMatchObject([{ status: null }]);
    await stop();
  });

  it('attempts once what two flushes want at the same time', async () => {
    const outbox = outboxOf();
    add(outbox, 5);
    receiver.status = 500;
    const [first, second] = await Promise.all([outbox.flush(true), outbox.flush(true)]);
    expect([first.attempted, second.attempted, second.pending]).toEqual([5, 0, 5]);
    receiver.status = 200;
    const [one, other] = await Promise.all([outbox.flush(true), outbox.flush(true)]);
    expect([one.attempted, other.attempted, other.pending]).toEqual([5, 0, 0]);
    expect(places()).toHaveLength(10);
  });

  it('breaks off what is under way when it is closed, and attempts nothing after that', async () => {
    const { url, asked, stop } = await silent();
    knobs = { ...knobs, timeoutMs: 60_000 };
    const outbox = outboxOf();
    add(outbox, 3, url);
    const flushed = outbox.flush(false);
    await until(() => asked() === 1);
    const before = Date.now();
    await outbox.close();
    expect(await flushed).toMatchObject({ attempted: 0, pending: 3 });
    expect(Date.now() - before).toBeLessThan(10_000);
    add(outbox, 1);
    expect(await outbox.flush(true)).toMatchObject({ attempted: 0, pending: 4 });
    expect(await outbox.sendNow({ hook: 'here', event: 'test', payload: {}, at: now })).toBe(false);
    expect([asked(), places()]).toEqual([1, []]);
    await stop();
  });

  it('attempts nothing any more that it was told to forget', async () => {
    const { url, asked, stop } = await silent();
    knobs = { ...knobs, timeoutMs: 100 };
    const outbox = outboxOf();
    add(outbox, 3, url);
    const flushed = outbox.flush(false);
    await until(() => asked() === 1);
    outbox.clear();
    await flushed;
    expect([asked(), outbox.list()]).toEqual([1, []]);
    await stop();
  });
});
