import { describe, expect, it } from '@jest/globals';
import type { ProviderHttp } from '../../contract/context.js';
import { AllowanceSpent } from './allowance-spent.js';
import { RequestAllowance } from './request-allowance.js';

const OK = { status: 200, headers: {}, body: [] };

function allowance(most: number, answer: () => Promise<typeof OK> = () => Promise.resolve(OK)) {
  const asked: string[] = [];
  let stopped = 0;
  const http: ProviderHttp = {
    request: ({ path }) => {
      asked.push(path);
      return answer();
    },
  };
  const given = new RequestAllowance(
    most,
    () => http,
    () => (stopped += 1),
  );
  return { given, asked, stopped: () => stopped };
}

describe('RequestAllowance', () => {
  it('lets so many requests through, and none more', async () => {
    const { given, asked } = allowance(2);
    await given.request({ path: '/a' });
    await given.request({ path: '/b' });
    await expect(given.request({ path: '/c' })).rejects.toThrow(AllowanceSpent);
    expect(asked).toEqual(['/a', '/b']);
    expect(given.left).toBe(0);
  });

  it('holds requests that go out at once to the same limit', async () => {
    const { given, asked } = allowance(3);
    const all = await Promise.allSettled(['/a', '/b', '/c', '/d', '/e'].map((path) => given.request({ path })));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(asked).toHaveLength(3);
  });

  it('asks the same question once, and another one for itself', async () => {
    const { given, asked } = allowance(5);
    for (const query of [{ page: 1 }, { page: 1 }, { page: 2 }]) await given.request({ path: '/a', query });
    expect(asked).toHaveLength(2);
    expect(given.used).toBe(2);
  });

  it('asks again what was not answered', async () => {
    let broken = true;
    const { given } = allowance(5, () => (broken ? Promise.reject(new Error('away')) : Promise.resolve(OK)));
    await expect(given.request({ path: '/a' })).rejects.toThrow('away');
    broken = false;
    expect(await given.request({ path: '/a' })).toEqual(OK);
  });

  it('counts what the transport repeats by itself, and stops it where the allowance ends', () => {
    const { given, stopped } = allowance(2);
    given.onRequest();
    given.onRequest();
    expect([given.left, given.isOpen, stopped()]).toEqual([0, false, 0]);
    given.onRequest();
    expect(stopped()).toBe(1);
  });

  it('keeps a part of itself for later', async () => {
    const { given } = allowance(10);
    given.upTo(1);
    await given.request({ path: '/a' });
    await expect(given.request({ path: '/b' })).rejects.toThrow(AllowanceSpent);
    given.upTo(100);
    await given.request({ path: '/b' });
    expect(given.left).toBe(8);
  });

  it('lets nothing be written', async () => {
    const { given, asked } = allowance(5);
    await expect(given.request({ path: '/a', method: 'POST', json: {} })).rejects.toThrow(AllowanceSpent);
    expect(asked).toEqual([]);
  });
});
