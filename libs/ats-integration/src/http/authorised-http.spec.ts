import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import type { ProviderRequest, ProviderResponse } from '../contract/context.js';
import { ProviderFault } from '../contract/fault.js';
import type { RateLimitManifest } from '../contract/manifest.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import type { Answer } from '../testing-support/local-server.js';
import { AuthorisedHttp } from './authorised-http.js';
import type { AuthorisedHttpOptions } from './authorised-http.js';
import type { WindowReading } from './rate-budget.js';

const SECRET = 'canary-0f8e';
const RATE: RateLimitManifest = {
  algorithm: 'fixed-window',
  limit: 50,
  windowSeconds: 10,
  headers: { limit: 'x-ratelimit-limit', remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' },
};

class NotingBudget {
  acquired = 0;
  readonly readings: (WindowReading | null)[] = [];
  readonly pauses: number[] = [];
  acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.acquired += 1;
    return Promise.resolve();
  }
  settle(reading: WindowReading | null): void {
    this.readings.push(reading);
  }
  pause(ms: number): void {
    this.pauses.push(ms);
  }
}

describe('AuthorisedHttp', () => {
  let server: LocalServer;
  let agent: Agent;
  let budget: NotingBudget;
  let tokens: string[];

  beforeAll(async () => {
    server = await LocalServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.heard.length = 0;
    agent = new Agent({ headersTimeout: 400, bodyTimeout: 400, connect: { timeout: 1000 } });
    budget = new NotingBudget();
    tokens = [`${SECRET}-1`];
  });
  // Every request gives its place in the budget back, however it ended.
  afterEach(async () => {
    expect(budget.readings).toHaveLength(budget.acquired);
    await agent.destroy();
  });

  function http(changes: Partial<AuthorisedHttpOptions> = {}): AuthorisedHttp {
    return new AuthorisedHttp({
      ats: 'Scripted',
      baseUrl: `${server.url}/v1`,
      authoriser: {
        header: () => Promise.resolve({ name: 'authorization', value: `Bearer ${tokens[0]}` }),
        renew: () => {
          if (tokens.length < 2) return Promise.resolve(false);
          tokens.shift();
          return Promise.resolve(true);
        },
      },
      budget,
      rateLimit: RATE,
      dispatcher: agent,
      signal: new AbortController().signal,
      classify: undefined,
      backoffMs: [1, 1],
      ...changes,
    });
  }

  /** Answers one after the other; the last one for ever. */
  function script(...answers: readonly Answer[]): void {
    let next = 0;
    server.answer = (...heard) => (answers[Math.min(next++, answers.length - 1)] ?? answers[0])?.(...heard);
  }

  async function faultOf(asked: Promise<ProviderResponse>): Promise<ProviderFault> {
    const error = await asked.then(
      () => {
        throw new Error('There was no fault.');
      },
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProviderFault);
    const fault = error as ProviderFault;
    expect(`${fault.message} ${fault.stack} ${fault.request}`).not.toContain(SECRET);
    expect(fault.message).toMatch(/\.$/);
    return fault;
  }

  const get = (changes: Partial<ProviderRequest> = {}): ProviderRequest => ({ path: '/jobs', ...changes });

  it('sends the authorisation and gives the parsed body with lower-case headers', async () => {
    script((response) => json(response, 200, { jobs: [1] }, { Link: '<x>; rel="next"' }));
    const { status, body, headers } = await http().request(get({ query: { expand: ['a', 'b'] } }));
    expect({ status, body, link: headers['link'] }).toEqual({
      status: 200,
      body: { jobs: [1] },
      link: '<x>; rel="next"',
    });
    expect(server.heard[0]).toMatchObject({
      url: '/v1/jobs?expand=a&expand=b',
      headers: { authorization: `Bearer ${SECRET}-1`, accept: 'application/json' },
    });
  });

  it('takes an empty body for none', async () => {
    script((response) => void response.writeHead(204).end());
    expect((await http().request(get())).body).toBeUndefined();
  });

  describe('when the ATS misbehaves', () => {
    it.each<[string, number, string]>([
      ['JSON cut short', 200, '{"jobs":[{"id":1},{"id"'],
      ['malformed JSON', 200, '{jobs: [1]}'],
      ['a log-in page', 200, '<!doctype html><title>Sign in</title>'],
    ])('finds %s to be no answer', async (_, status, text) => {
      script((response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(text));
      const fault = await faultOf(http().request(get()));
      expect(fault).toMatchObject({ code: 'unexpected-shape', request: 'GET /v1/jobs', status: 200 });
      expect(server.heard).toHaveLength(1);
    });

    it("takes a proxy's error page for the ATS being away", async () => {
      script((response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'));
      expect(await faultOf(http().request(get()))).toMatchObject({ code: 'unavailable', status: 502 });
      expect(server.heard).toHaveLength(3);
    });

    it.each<[string, Answer]>([
      ['a connection that is reset', (response) => void response.socket?.resetAndDestroy()],
      ['an answer without a single byte', (response) => void response.socket?.end()],
      ['bytes that are no HTTP', (response) => void response.socket?.end('What?\r\n\r\n')],
      [
        'a body shorter than announced',
        (response) => {
          response.writeHead(200, { 'content-length': '500' });
          response.write('{"jobs":');
          setTimeout(() => response.socket?.end(), 10);
        },
      ],
      [
        'a broken chunk',
        (response) => void response.socket?.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}'),
      ],
      ['headers that never come', () => undefined],
      ['a body that stops in the middle', (response) => void response.writeHead(200).write('{"jobs":')],
    ])('takes %s for the ATS being away and asks again', async (_, answer) => {
      script(answer, answer, (response) => json(response, 200, { ok: true }));
      expect((await http().request(get())).body).toEqual({ ok: true });
      script(answer);
      server.heard.length = 0;
      expect(await faultOf(http().request(get()))).toMatchObject({ code: 'unavailable', status: undefined });
      expect(server.heard).toHaveLength(3);
    });

    it('takes a refused connection for the ATS being away', async () => {
      const gone = await LocalServer.start();
      await gone.stop();
      const fault = await faultOf(http({ baseUrl: `${gone.url}/v1` }).request(get()));
      expect(fault.code).toBe('unavailable');
    });

    it('cuts off a page that never ends and uses nothing of it', async () => {
      script((response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(1024 * 1024, '[');
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      });
      const fault = await faultOf(http().request(get()));
      expect(fault).toMatchObject({ code: 'unexpected-shape' });
      expect(fault.message).toContain('more than 64 MB');
      expect(server.heard).toHaveLength(1);
    });

    it('does not follow a redirect, so that credentials go nowhere else', async () => {
      const other = await LocalServer.start();
      script((response) => void response.writeHead(308, { location: `${other.url}/v1/jobs` }).end());
      expect(await faultOf(http().request(get()))).toMatchObject({ code: 'invalid-request', status: 308 });
      expect(other.heard).toEqual([]);
      await other.stop();
    });

    it('does not ask a next link on another host', async () => {
      const other = await LocalServer.start();
      const fault = await faultOf(http().request(get({ path: `${other.url}/v1/jobs?page=2` })));
      expect(fault.code).toBe('unexpected-shape');
      expect([other.heard, server.heard]).toEqual([[], []]);
      await other.stop();
    });
  });

  describe('when the authorisation is refused', () => {
    it('renews it once and goes on', async () => {
      tokens = [`${SECRET}-1`, `${SECRET}-2`];
      script(
        (response) => json(response, 401, {}),
        (response) => json(response, 200, { ok: true }),
      );
      expect((await http().request(get())).body).toEqual({ ok: true });
      expect(server.heard.map(({ headers }) => headers.authorization)).toEqual([
        `Bearer ${SECRET}-1`,
        `Bearer ${SECRET}-2`,
      ]);
    });

    it('repeats a write too: what was refused did nothing', async () => {
      tokens = [`${SECRET}-1`, `${SECRET}-2`];
      script(
        (response) => json(response, 401, {}),
        (response) => json(response, 201, { id: 1 }),
      );
      await http().request({ method: 'POST', path: '/moves', json: { to: 'offer' } });
      expect(server.heard.map(({ body }) => body)).toEqual(['{"to":"offer"}', '{"to":"offer"}']);
    });

    it('gives up when the renewed one is refused as well', async () => {
      tokens = [`${SECRET}-1`, `${SECRET}-2`, `${SECRET}-3`];
      script((response) => json(response, 401, { token: SECRET }));
      expect(await faultOf(http().request(get()))).toMatchObject({ code: 'auth-revoked', status: 401 });
      expect(server.heard).toHaveLength(2);
    });

    it('gives up when it cannot be renewed', async () => {
      script((response) => json(response, 401, {}));
      expect((await faultOf(http().request(get()))).code).toBe('auth-revoked');
      expect(server.heard).toHaveLength(1);
    });
  });

  it.each([
    [400, 'invalid-request'],
    [403, 'forbidden-scope'],
    [404, 'not-found'],
    [410, 'cursor-expired'],
    [422, 'invalid-request'],
  ] as const)('takes HTTP %d for %s and does not ask again', async (status, code) => {
    script((response) => json(response, status, { email: `ann@example.com ${SECRET}` }));
    const fault = await faultOf(http().request(get({ query: { email: 'ann@example.com' } })));
    expect(fault).toMatchObject({ code, status });
    expect(fault.message).not.toContain('ann@example.com');
    expect(server.heard).toHaveLength(1);
  });

  it.each(['{"message":"none"}', '', '<h1>Not found</h1>'])(
    'gives a refusal that the provider takes for an answer, whatever its body: %s',
    async (text) => {
      script((response) => void response.writeHead(404).end(text));
      expect((await http().request(get({ accept: [404] }))).status).toBe(404);
    },
  );

  it("lets the provider's own reading of a refusal win", async () => {
    script((response) => json(response, 422, { message: 'cursor is too old' }));
    const own = new ProviderFault('cursor-expired', 'The list begins anew.');
    const classify = ({ status, body }: { status: number; body: unknown }): ProviderFault | null =>
      status === 422 && JSON.stringify(body).includes('too old') ? own : null;
    expect(await faultOf(http({ classify }).request(get()))).toMatchObject({ code: 'cursor-expired', status: 422 });
  });

  describe('when the ATS wants fewer requests', () => {
    it.each<[string, Record<string, string>, number]>([
      ['seconds', { 'retry-after': '0.02' }, 20],
      ['nothing to wait', { 'retry-after': '0' }, 0],
    ])('waits as long as it says: %s', async (_, headers, ms) => {
      script(
        (response) => json(response, 429, {}, headers),
        (response) => json(response, 200, { ok: true }),
      );
      await http().request(get());
      expect(budget.pauses).toEqual([ms]);
    });

    it('waits until the moment that it names', async () => {
      const moment = new Date(Date.now() + 1500);
      script(
        (response) => json(response, 429, {}, { 'retry-after': moment.toUTCString() }),
        (response) => json(response, 200, { ok: true }),
      );
      await http().request(get());
      expect(budget.pauses).toHaveLength(1);
      expect(budget.pauses[0]).toBeLessThanOrEqual(1500);
    });

    it.each([[''], ['soon'], ['-5']])('waits a while when it says nothing that helps ("%s")', async (value) => {
      script(
        (response) => json(response, 429, {}, value === '' ? {} : { 'retry-after': value }),
        (response) => json(response, 200, { ok: true }),
      );
      await http().request(get());
      expect(budget.pauses[0]).toBeGreaterThanOrEqual(2000);
    });

    it.each([429, 503])(
      'ends the attempt with HTTP %d when it asks for a day, instead of holding the run',
      async (status) => {
        script((response) => json(response, status, {}, { 'retry-after': '86400' }));
        const fault = await faultOf(http().request(get()));
        expect(fault).toMatchObject({ retryAfterMs: 86_400_000, retryable: true });
        expect(server.heard).toHaveLength(1);
      },
    );

    it('does not ask for ever', async () => {
      script((response) => json(response, 429, {}, { 'retry-after': '0' }));
      expect((await faultOf(http().request(get()))).code).toBe('rate-limited');
      expect(server.heard).toHaveLength(3);
    });
  });

  describe('when the ATS is ill', () => {
    it.each([500, 502, 503, 504])('asks again after HTTP %d', async (status) => {
      script(
        (response) => json(response, status, {}),
        (response) => json(response, 200, { ok: true }),
      );
      expect((await http().request(get())).body).toEqual({ ok: true });
    });

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)(
      'never repeats a %s of which nobody knows what it did',
      async (method) => {
        script((response) => json(response, 503, {}));
        expect((await faultOf(http().request({ method, path: '/moves', json: {} }))).code).toBe('unavailable');
        expect(server.heard).toHaveLength(1);
      },
    );
  });

  it('stops at once when the run is stopped, with the reason of the stop', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    script(() => stop.abort(reason));
    await expect(http({ signal: stop.signal }).request(get())).rejects.toBe(reason);
  });

  it('stops while it waits for the next attempt', async () => {
    const stop = new AbortController();
    script((response) => {
      json(response, 503, {});
      setTimeout(() => stop.abort(new Error('stopped')), 20);
    });
    const asked = http({ signal: stop.signal, backoffMs: [60_000] }).request(get());
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('tells the budget what the ATS said of its window, and nothing when it said nonsense', async () => {
    const window = (limit: string, remaining: string, reset: string): Answer => {
      return (response) =>
        json(
          response,
          200,
          {},
          { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset },
        );
    };
    script(window('50', '49', '1790000000'), window('many', '49', '1790000000'), window('0', '0', '0'), (response) =>
      json(response, 200, {}),
    );
    for (let count = 0; count < 4; count += 1) await http().request(get());
    expect(budget.readings).toEqual([
      { limit: 50, remaining: 49, resetAt: new Date(1_790_000_000_000) },
      null,
      null,
      null,
    ]);
  });
});
