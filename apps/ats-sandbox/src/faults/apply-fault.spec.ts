import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProviderId } from '../simulator.js';
import { startFakeSandbox } from '../testing/sandbox-client.js';
import type { Fault, FaultRule } from './fault-plan.js';

const APIS: Readonly<Record<ProviderId, string>> = { greenhouse: '/greenhouse/v3', lever: '/lever/v1' };

let fake: Awaited<ReturnType<typeof startFakeSandbox>>;
beforeEach(async () => {
  fake = await startFakeSandbox();
});
afterEach(() => fake.sandbox.close());

const token = (provider: ProviderId = 'greenhouse'): string => {
  const access = { accountId: `${provider}-1`, userId: '12', scopes: [], clientId: 'app' };
  fake.sandbox.tokens[provider].addAccessToken(`token-${provider}`, access, 3600);
  return `token-${provider}`;
};
const add = (fault: Fault, rule: Partial<FaultRule> = {}, provider: ProviderId = 'greenhouse'): void =>
  fake.sandbox.accounts.get(`${provider}-1`)?.faults.add([{ match: {}, fault, ...rule }]);
const get = (path: string, provider: ProviderId = 'greenhouse') => fake.bearer(token(provider), APIS[provider] + path);

/** The raw answer, for those that `fetch` would not hand over. */
const open = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${fake.url}/greenhouse/v3${path}`, {
      headers: { Authorization: `Bearer ${token()}` },
      agent: false,
    });
    outgoing.on('response', resolve).on('error', reject).end();
  });

describe('a fault', () => {
  it('of status answers with the status, the body and the headers', async () => {
    add({ kind: 'status', status: 429, body: '{"message":"slow"}', headers: { 'Retry-After': '7' } });
    const reply = await get('/rows');
    expect([reply.status, reply.json, reply.headers.get('retry-after')]).toEqual([429, { message: 'slow' }, '7']);
  });

  it('of html answers with a page', async () => {
    add({ kind: 'html', status: 502 });
    const reply = await get('/rows');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([502, 'text/html; charset=utf-8']);
    expect(reply.text).toContain('<html>');
  });

  it('of truncated-json cuts the real answer off', async () => {
    const whole = (await get('/rows')).text;
    add({ kind: 'truncated-json' });
    const reply = await get('/rows');
    expect(reply.status).toBe(200);
    expect(reply.json).toBeUndefined();
    expect(whole.startsWith(reply.text)).toBe(true);
    expect(reply.text.length).toBeGreaterThan(0);
  });

  it('of malformed-json answers with what is no JSON', async () => {
    add({ kind: 'malformed-json' });
    const reply = await get('/rows');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(reply.json).toBeUndefined();
  });

  it("of nulls fills the vendor's envelope with them", async () => {
    add({ kind: 'nulls', rows: 2 });
    add({ kind: 'nulls', rows: 2 }, {}, 'lever');
    expect((await get('/rows')).json).toEqual([null, null]);
    expect((await get('/rows', 'lever')).json).toEqual({ data: [null, null], hasNext: false });
  });

  it('of duplicate-page gives the answer before once more, with its link', async () => {
    add({ kind: 'duplicate-page' }, { match: { path: '/rows', nth: 2 }, times: 1 });
    const first = await get('/rows?page=1');
    const second = await get('/rows?page=2');
    expect(second.text).toBe(first.text);
    expect(second.headers.get('link')).toBe(first.headers.get('link'));
    expect((await get('/rows?page=2')).json[0].id).toBe(2);
  });

  it('of empty-reply closes without a byte', async () => {
    add({ kind: 'empty-reply' });
    await expect(open('/rows')).rejects.toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' });
  });

  it('of reset breaks the connection', async () => {
    add({ kind: 'reset' });
    await expect(open('/rows')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('of stall sends headers and nothing after them', async () => {
    add({ kind: 'stall' });
    const incoming = await open('/rows');
    expect(incoming.statusCode).toBe(200);
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => (bytes += chunk.byteLength)).on('error', () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([bytes, incoming.complete]).toEqual([0, false]);
    incoming.destroy();
  });

  it('of endless streams a list until the client goes away', async () => {
    add({ kind: 'endless' });
    const incoming = await open('/rows');
    let text = '';
    for await (const chunk of incoming) {
      text += String(chunk);
      if (text.length > 1_000_000) break;
    }
    expect(text.startsWith('[{"id":1,')).toBe(true);
    expect((await fake.call('/_sandbox')).status).toBe(200);
  });

  it('of slow-drip sends the real answer bit by bit', async () => {
    const whole = await get('/rows');
    add({ kind: 'slow-drip', bytesPerSecond: whole.text.length * 4 });
    const startedAt = Date.now();
    expect((await get('/rows')).text).toBe(whole.text);
    expect(Date.now() - startedAt).toBeGreaterThan(150);
  });

  it('of cursor-expired is left to the API', async () => {
    add({ kind: 'cursor-expired' });
    expect((await get('/fault')).json).toEqual({ kind: 'cursor-expired' });
  });

  it('of redirect points elsewhere', async () => {
    add({ kind: 'redirect', status: 301, location: 'https://example.com/' });
    const reply = await get('/rows');
    expect([reply.status, reply.headers.get('location')]).toEqual([301, 'https://example.com/']);
  });

  it('of extra-fields adds unknown fields to every object', async () => {
    add({ kind: 'extra-fields' });
    const [row] = (await get('/rows')).json;
    expect(row).toMatchObject({ id: 1, zz_unknown_text: expect.anything() });
    expect(row.inner.list[0]).toHaveProperty('zz_unknown_object');
  });

  it('of latency waits, and then answers as ever', async () => {
    add({ kind: 'latency', ms: 120, jitterMs: 10 });
    const startedAt = Date.now();
    expect((await get('/rows')).json[0].id).toBe(1);
    expect(Date.now() - startedAt).toBeGreaterThan(110);
  });

  describe('that strikes a write', () => {
    const write = (id: string) =>
      fake.call(`${APIS.greenhouse}/things/${id}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token()}`, 'Content-Type': 'application/json' },
        body: '{"stage":"offer"}',
      });
    const written = (): readonly unknown[] =>
      (fake.sandbox.accounts.get('greenhouse-1')?.writes.list() ?? []).map(({ record, value }) => [record, value]);
    const until = async (condition: () => boolean): Promise<void> => {
      for (let wait = 0; wait < 400 && !condition(); wait += 1) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(condition()).toBe(true);
    };

    it('of status answers before anything is done', async () => {
      add({ kind: 'status', status: 422 });
      expect([(await write('1')).status, written()]).toEqual([422, []]);
    });

    it('of status-after does it, and answers something else', async () => {
      add({ kind: 'status-after', status: 503, body: '{"message":"later"}' });
      const reply = await write('1');
      expect([reply.status, reply.json]).toEqual([503, { message: 'later' }]);
      expect(written()).toEqual([['1', { stage: 'offer' }]]);
    });

    it('of answer-lost does it, and closes the connection', async () => {
      add({ kind: 'answer-lost' });
      await expect(write('1')).rejects.toThrow();
      expect(written()).toEqual([['1', { stage: 'offer' }]]);
    });

    it('of slow-answer does it at once, and answers late', async () => {
      add({ kind: 'slow-answer', ms: 400 });
      const before = Date.now();
      let answered = false;
      const reply = write('1').finally(() => (answered = true));
      await until(() => written().length === 1);
      expect(answered).toBe(false);
      expect([(await reply).status, (await reply).json]).toEqual([201, { made: true }]);
      expect(Date.now() - before).toBeGreaterThanOrEqual(390);
    });

    it('of applied-late closes the connection at once, and does it later with what was sent, once', async () => {
      add({ kind: 'applied-late', ms: 300 }, { times: 1 });
      const before = Date.now();
      await expect(write('1')).rejects.toThrow();
      expect([Date.now() - before < 290, written()]).toEqual([true, []]);
      expect((await write('2')).status).toBe(201);
      await until(() => written().length === 2);
      expect(written()).toEqual([
        ['2', { stage: 'offer' }],
        ['1', { stage: 'offer' }],
      ]);
    });
  });

  it('of huge-file sends as many bytes as it says', async () => {
    add({ kind: 'huge-file', bytes: 5_000_001 });
    const reply = await get('/file');
    expect(reply.headers.get('content-length')).toBe('5000001');
    expect(reply.text.length).toBe(5_000_001);
    expect(reply.text.startsWith('%PDF-1.7\n')).toBe(true);
  });
});

describe('a fault rule', () => {
  it('strikes the requests it names, from the nth on, as often as it says', async () => {
    add({ kind: 'html', status: 500 }, { match: { method: 'GET', path: '/rows', nth: 2 }, times: 1 });
    const statuses = [];
    for (const path of ['/whoami', '/rows', '/rows', '/rows']) statuses.push((await get(path)).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
  });

  it('strikes only its own account, and only known credentials', async () => {
    add({ kind: 'html', status: 500 });
    expect((await get('/rows', 'lever')).status).toBe(200);
    expect((await fake.bearer('unknown', '/greenhouse/v3/rows')).status).toBe(401);
  });

  it('strikes requests with an API key', async () => {
    add({ kind: 'html', status: 500 }, {}, 'lever');
    const { json } = await fake.send('POST', '/_sandbox/accounts/lever-1/api-keys');
    const authorization = `Basic ${Buffer.from(`${json.key}:`).toString('base64')}`;
    expect((await fake.call('/lever/v1/rows', { headers: { Authorization: authorization } })).status).toBe(500);
  });

  it('strikes files under /files', async () => {
    add({ kind: 'huge-file', bytes: 9 }, { match: { path: '/files' } });
    expect((await fake.call('/files/greenhouse/greenhouse-1/file')).text).toBe('%PDF-1.7\n');
    expect((await get('/file')).text).toBe('%PDF');
  });
});
