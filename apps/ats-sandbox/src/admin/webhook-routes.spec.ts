import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../create-sandbox.js';
import { HookReceiver } from '../testing/hook-receiver.js';

/** What the routes answer, as far as the specs look into it. */
type Json = { readonly [name: string]: unknown } & {
  readonly key: string;
  readonly writes: readonly Json[];
  readonly effects: readonly { readonly times: number }[];
  readonly attempts: readonly unknown[];
};

const PATH = '/_sandbox/accounts/greenhouse-1';

describe('the admin routes of webhooks and writes', () => {
  let sandbox: Sandbox;
  let receiver: HookReceiver;
  let url: string;
  beforeEach(async () => {
    sandbox = createSandbox({
      accounts: [
        { provider: 'greenhouse', candidates: 40, knobs: { rateLimit: 'off' } },
        { provider: 'lever', candidates: 40, knobs: { rateLimit: 'off' } },
      ],
    });
    ({ url } = await sandbox.listen());
    receiver = await HookReceiver.start();
  });
  afterEach(async () => {
    await receiver.stop();
    await sandbox.close();
  });

  const send = async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Json };
  };
  const manual = () => send('PUT', `${PATH}/knobs`, { webhooks: { delivery: 'manual' } });
  const hook = () => send('POST', `${PATH}/webhooks`, { event: 'job_created', url: receiver.url, secret: 's' });
  const createJob = () =>
    send('POST', `${PATH}/changes`, { operations: [{ op: 'create-job', name: 'Cook', status: 'open' }] });
  const received = (): readonly string[] => receiver.take().map(({ json }) => json.action);

  it('make, show, change, test and delete what an admin makes by hand', async () => {
    const made = await hook();
    expect([made.status, made.json]).toEqual([
      201,
      { id: '1', event: 'job_created', url: receiver.url, secret: 's', active: true, madeBy: 'hand' },
    ]);
    expect((await send('GET', `${PATH}/webhooks`)).json).toEqual([made.json]);
    expect((await send('PATCH', `${PATH}/webhooks/1`, { active: false })).json).toMatchObject({ active: false });
    expect((await send('POST', `${PATH}/webhooks/1/test`)).json).toEqual({ delivered: true });
    expect(received()).toEqual(['ping', 'ping']);
    expect((await send('DELETE', `${PATH}/webhooks/1`)).status).toBe(204);
    expect((await send('DELETE', `${PATH}/webhooks/1`)).json).toEqual({ error: 'There is no webhook 1.' });
    expect((await send('POST', `${PATH}/webhooks`, { event: 'job_created', url: receiver.url })).status).toBe(400);
    expect((await send('PUT', `${PATH}/webhook-events`, { events: 'all', on: true })).status).toBe(400);
    const lever = '/_sandbox/accounts/lever-1/webhook-events';
    expect((await send('PUT', lever, { events: ['candidateHired'], on: true })).status).toBe(200);
    expect((await send('PUT', lever, { events: ['nonsense'], on: true })).status).toBe(400);
  });

  it('deliver by themselves what is due, when they are not told otherwise', async () => {
    await hook();
    receiver.take();
    await createJob();
    for (let wait = 0; wait < 200 && receiver.received.length === 0; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 25));
    expect(received()).toEqual(['job_created']);
  });

  it.each([
    ['the sandbox is closed', () => sandbox.close()],
    ['the sandbox is reset', () => send('POST', '/_sandbox/reset')],
    ['the account is deleted', () => send('DELETE', PATH)],
  ])('deliver nothing more when %s, however many are waiting', async (_name, end) => {
    await send('PUT', `${PATH}/knobs`, { webhooks: { timeoutMs: 60_000 } });
    await hook();
    receiver.take();
    receiver.silent = true;
    await createJob();
    await createJob();
    const { outbox } = sandbox.accounts.get('greenhouse-1')?.webhooks ?? {};
    for (let wait = 0; wait < 400 && receiver.received.length === 0; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const before = Date.now();
    await end();
    expect(await outbox?.flush(true)).toMatchObject({ attempted: 0 });
    expect(Date.now() - before).toBeLessThan(10_000);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(received()).toEqual(['job_created']);
    expect(outbox?.list({ state: 'pending' })).toHaveLength(2);
  });

  it('deliver when they are told to, list, send again and forget', async () => {
    await manual();
    await hook();
    receiver.take();
    receiver.status = 500;
    await createJob();
    await createJob();
    expect((await send('POST', `${PATH}/deliveries/flush`)).json).toEqual({
      attempted: 2,
      delivered: 0,
      failed: 2,
      pending: 2,
    });
    expect((await send('POST', `${PATH}/deliveries/flush`, {})).json).toMatchObject({ attempted: 0 });
    receiver.status = 200;
    expect((await send('POST', `${PATH}/deliveries/flush`, { all: true })).json).toMatchObject({
      attempted: 2,
      delivered: 2,
      pending: 0,
    });
    receiver.take();
    const { json } = await send('GET', `${PATH}/deliveries?event=job_created&limit=1`);
    const [delivery] = json as unknown as readonly {
      readonly id: number;
      readonly message: { readonly body: string };
    }[];
    expect(json).toMatchObject([
      { hook: '1', state: 'delivered', attempts: [{ status: 500 }, { status: 200 }], message: { url: receiver.url } },
    ]);
    expect((await send('POST', `${PATH}/deliveries/${delivery?.id}/resend`)).json.attempts).toHaveLength(3);
    expect(receiver.take()[0]?.body).toBe(delivery?.message.body);
    expect((await send('POST', `${PATH}/deliveries/999/resend`)).status).toBe(404);
    expect((await send('DELETE', `${PATH}/deliveries`)).status).toBe(204);
    expect((await send('GET', `${PATH}/deliveries`)).json).toEqual([]);
  });

  it('show what was written although the answer never came, came late, or said something else', async () => {
    const lever = '/_sandbox/accounts/lever-1';
    const { key } = (await send('POST', `${lever}/api-keys`)).json;
    const authorization = `Basic ${btoa(`${key}:`)}`;
    const rows = (await send('GET', `${lever}/records/applications?limit=5`)).json as unknown;
    const ids = (rows as readonly { readonly id: string }[]).map(({ id }) => id);
    const fault = (kind: object) =>
      send('POST', `${lever}/faults`, [{ match: { method: 'PUT' }, fault: kind, times: 1 }]);
    const write = (id = '', stage = 'offer') =>
      send('PUT', `/lever/v1/opportunities/${id}/stage`, { stage }, { authorization }).catch(() => undefined);
    const written = async (): Promise<number> => (await send('GET', `${lever}/writes`)).json.writes.length;

    await fault({ kind: 'answer-lost' });
    expect([await write(ids[0]), await written()]).toEqual([undefined, 1]);
    await fault({ kind: 'status-after', status: 502, body: '{}' });
    expect([(await write(ids[1]))?.status, await written()]).toEqual([502, 2]);
    await fault({ kind: 'status', status: 503 });
    expect([(await write(ids[2]))?.status, await written()]).toEqual([503, 2]);
    await fault({ kind: 'slow-answer', ms: 300 });
    const slow = write(ids[2]);
    for (let wait = 0; wait < 20 && (await written()) < 3; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await written()).toBe(3);
    expect((await slow)?.status).toBe(200);
    await fault({ kind: 'applied-late', ms: 300 });
    expect([await write(ids[3]), await written()]).toEqual([undefined, 3]);
    for (let wait = 0; wait < 200 && (await written()) < 4; wait += 1)
      await new Promise((resolve) => setTimeout(resolve, 25));
    const { writes, effects } = (await send('GET', `${lever}/writes`)).json;
    expect(writes[3]).toMatchObject({ sequence: 4, record: ids[3], value: { stage: 'offer' } });
    expect(effects.every(({ times }) => times === 1)).toBe(true);
    expect((await send('DELETE', `${lever}/writes`)).status).toBe(204);
    expect(await written()).toBe(0);
  });
});
