import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunningElly } from './testing/running-elly.js';
import { runElly } from './testing/running-elly.js';

describe('createApp', () => {
  const running: RunningElly[] = [];
  const run = async (env: Readonly<Record<string, string>> = {}) => {
    const elly = await runElly(env);
    running.push(elly);
    return elly;
  };
  afterEach(async () => {
    for (const elly of running.splice(0)) await elly.stop();
  });

  it('runs twice in one process, each with its own database and users', async () => {
    const [first, second] = [await run(), await run()];
    await first.request('POST', '/jobs', { title: 'Only here' });
    const titles = async (elly: RunningElly) =>
      ((await elly.request('GET', '/jobs')).body.items as { title: string }[]).map(({ title }) => title);
    expect(await titles(first)).toContain('Only here');
    expect(await titles(second)).not.toContain('Only here');
  });

  it('trusts no header about who is asking in production, and signs nobody in without a password', async () => {
    const elly = await run({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://elly.example',
      ENCRYPTION_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    expect(await elly.request('GET', '/jobs')).toMatchObject({
      status: 401,
      body: { detail: expect.stringContaining('development only') },
    });
    expect((await elly.request('POST', '/session', { user: 'ada@acme.example' })).status).toBe(403);
  });
});
