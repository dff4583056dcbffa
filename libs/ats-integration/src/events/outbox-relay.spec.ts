import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startAtsDatabase } from '../testing-support/ats-database.js';
import type { AtsDatabase } from '../testing-support/ats-database.js';
import type { DomainEvent } from './domain-event.js';
import { writeEvents } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

describe('OutboxRelay', () => {
  let database: AtsDatabase;
  let now: number;
  let published: DomainEvent[];
  let refuse: (events: readonly DomainEvent[]) => Promise<void> | void;
  const acme = randomUUID();
  const globex = randomUUID();

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await startAtsDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    await database.rows('delete from ats.outbox_events');
    now = Date.parse('2026-03-01T12:00:00Z');
    published = [];
    refuse = () => undefined;
  });

  const relay = (): OutboxRelay =>
    new OutboxRelay(
      database.em(),
      {
        publish: async (events) => {
          await refuse(events);
          published.push(...events);
        },
      },
      { now: () => new Date(now) },
    );

  const write = (connectionId: string, reasons: readonly string[], em = database.em()): Promise<void> =>
    writeEvents(
      em,
      { workspaceId: 'w', connectionId, provider: 'scripted' },
      new Date(now),
      reasons.map((reason) => ({ type: 'connection.reconnect-required', reason })),
    );
  const told = (connectionId?: string): string[] =>
    published
      .filter((event) => connectionId === undefined || event.connectionId === connectionId)
      .map(({ body }) => ('reason' in body ? body.reason : ''));
  const left = (): Promise<number> => database.value(`select count(*)::int from ats.outbox_events`);
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

  it('publishes everything in the order in which it was written, and keeps nothing', async () => {
    await write(acme, numbers(250));
    expect(await relay().drain()).toBe(250);
    expect(told()).toEqual(numbers(250));
    expect(await left()).toBe(0);
    const ids = published.map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    expect(await relay().drain()).toBe(0);
    expect(published[0]).toMatchObject({ workspaceId: 'w', connectionId: acme, occurredAt: new Date(now) });
  });

  it('publishes nothing of a transaction that was rolled back, nor of one that has not ended', async () => {
    const rolledBack = database.em().transactional(async (em) => {
      await write(acme, ['never'], em);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await relay().drain()).toBe(0);
  });

  it('offers refused events again later, and those behind them only after them', async () => {
    await write(acme, ['1', '2']);
    refuse = () => Promise.reject(new Error('The host is ill.'));
    expect(await relay().drain()).toBe(0);
    await write(acme, ['3']);
    await write(globex, ['other']);
    refuse = () => undefined;
    await relay().drain();
    expect(told()).toEqual(['other']);
    now += 5_000;
    await relay().drain();
    expect(told(acme)).toEqual(['1', '2', '3']);
    expect(await left()).toBe(0);
  });

  it("postpones only the refused connection's events when another's are in the same batch", async () => {
    await write(acme, ['1']);
    await write(globex, ['2']);
    await write(acme, ['3']);
    await write(globex, ['4']);
    refuse = (events) => {
      if (events.some(({ connectionId }) => connectionId === acme)) throw new Error('Acme is ill.');
    };
    expect(await relay().drain()).toBe(2);
    expect(told()).toEqual(['2', '4']);
    expect(await left()).toBe(2);
    refuse = () => undefined;
    now += 5_000;
    expect(await relay().drain()).toBe(2);
    expect(told(acme)).toEqual(['1', '3']);
  });

  it('waits longer after every refusal, but never more than ten minutes', async () => {
    await write(acme, ['1']);
    refuse = () => Promise.reject(new Error('The host is ill.'));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 14; attempt += 1) {
      await relay().drain();
      const next = await database.value<number>(
        `select (extract(epoch from not_before) * 1000)::float8 from ats.outbox_events`,
      );
      waits.push(next - now);
      now = next + 1;
    }
    expect(waits.slice(0, 3)).toEqual([2000, 4000, 8000]);
    expect(waits.at(-1)).toBe(600_000);
    refuse = () => undefined;
    await relay().drain();
    expect(told()).toEqual(['1']);
  });

  it('publishes again what a relay that died had taken, once its claim has run out', async () => {
    await write(acme, ['1', '2']);
    refuse = () => new Promise(() => undefined);
    void relay().drain();
    while ((await database.value(`select count(not_before)::int from ats.outbox_events`)) !== 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    refuse = () => undefined;
    await write(acme, ['3']);
    await relay().drain();
    expect(told()).toEqual([]);
    now += 61_000;
    await relay().drain();
    expect(told()).toEqual(['1', '2', '3']);
  });

  it('publishes everything once and in order when several processes drain at once', async () => {
    await write(acme, numbers(150));
    await write(globex, numbers(150));
    await Promise.all(Array.from({ length: 4 }, () => relay().drain()));
    while ((await left()) > 0) await relay().drain();
    expect(published).toHaveLength(300);
    expect(told(acme)).toEqual(numbers(150));
    expect(told(globex)).toEqual(numbers(150));
  });

  it('joins a drain that runs already', async () => {
    await write(acme, ['1']);
    const one = relay();
    expect(await Promise.all([one.drain(), one.drain()])).toEqual([1, 1]);
    expect(told()).toEqual(['1']);
  });
});
