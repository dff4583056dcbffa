import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { greenhouse } from './index.js';
import { webhooks } from './webhooks.js';

const deliver = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
  headers,
  body: Buffer.from(body),
});
const read = (action: string, payload: unknown) => webhooks.read(deliver(JSON.stringify({ action, payload })));
const contextOver = (respond: Responder, scopes: readonly string[] = []) =>
  createProviderContext({ provider: greenhouse, config: { clientId: 'c-1', clientSecret: 's' }, respond, scopes });
const HOOK = { url: 'https://elly.example/webhooks/1', event: 'job_updated', secret: 'ours' };

describe('the signature of a delivery', () => {
  const body = '{"action":"ping","payload":{"name":"R\\u0026D \\u003cfirst\\u003e"}}';
  const hex = createHmac('sha256', 'secret').update(body).digest('hex');

  it('is taken over the bytes as they came, escapes and all', () => {
    const delivery = deliver(body, { signature: `sha256 ${hex}` });
    expect(webhooks.claim(delivery)).toEqual({
      algorithm: 'hmac-sha256',
      message: delivery.body,
      signature: hex,
      signedAt: null,
    });
    expect(webhooks.read(delivery)).toMatchObject({ event: 'ping', about: 'test', touched: [], gone: [] });
  });

  it.each([
    undefined,
    '',
    hex,
    `sha256=${hex}`,
    `sha256  ${hex}`,
    `SHA256 ${hex}`,
    `sha1 ${hex}`,
    `sha256 ${hex.toUpperCase()}`,
    `sha256 ${hex.slice(1)}`,
    `sha256 ${hex}0`,
    `sha256 ${hex} `,
    `sha256 ${hex}\n`,
  ])('is none as %j', (signature) => {
    expect(webhooks.claim(deliver(body, signature === undefined ? {} : { signature }))).toBeNull();
  });
});

describe('a delivery', () => {
  it('is told apart by its event id, and by nothing when there is none', () => {
    const body = JSON.stringify({ action: 'job_updated', payload: { job: { id: 1 } } });
    expect(webhooks.read(deliver(body, { 'greenhouse-event-id': 'e-1' })).deliveryId).toBe('e-1');
    expect(webhooks.read(deliver(body, { 'greenhouse-event-id': '' })).deliveryId).toBeNull();
    expect(webhooks.read(deliver(body)).deliveryId).toBeNull();
  });

  it('of a merge names who lives on', () => {
    expect(read('merge_candidate', { person: { id: 9, new_candidate_id: 1 } })).toMatchObject({
      about: 'records',
      touched: [{ kind: 'candidate', remoteId: '1' }],
      gone: [{ kind: 'candidate', remoteId: '9', tombstone: 'merged', intoRemoteId: '1' }],
    });
    expect(() => read('merge_candidate', { person: { id: 9 } })).toThrow(ProviderFault);
  });

  it('of a deleted candidate names the applications that went along, of which nothing else tells', () => {
    const { gone } = read('delete_candidate', { person: { id: 9, deleted_application_ids: [7, 8] } });
    expect(gone.map(({ kind, remoteId, tombstone }) => [kind, remoteId, tombstone])).toEqual([
      ['candidate', '9', 'deleted'],
      ['application', '7', 'deleted'],
      ['application', '8', 'deleted'],
    ]);
    expect(read('delete_candidate', { person: { id: 9 } }).gone).toHaveLength(1);
  });

  it('takes a candidate for erased when the name, the files or the answers went', () => {
    const erased = (fields: readonly string[]) =>
      read('candidate_anonymized', { candidate_id: 9, anonymized_fields: fields }).gone;
    expect(erased(['full_name', 'tags'])).toMatchObject([{ tombstone: 'anonymised' }]);
    for (const field of ['attachments', 'application_questions', 'custom_application_fields'])
      expect(erased([field, 'tags'])).toMatchObject([{ kind: 'candidate', remoteId: '9', tombstone: 'anonymised' }]);
    expect(erased(['tags', 'phone_numbers'])).toEqual([]);
  });

  it('of a post without a job, of things that are not kept and of events that nobody knows is ignored', () => {
    for (const [action, payload] of [
      ['job_post_updated', { id: 5, title: 'Talent pool' }],
      ['offer_created', { id: 1, application_id: 2 }],
      ['department_deleted', { id: 1 }],
      ['interview_deleted', { interview: { id: 1 } }],
      ['candidate_teleported', null],
      ['constructor', {}],
    ] as const)
      expect(read(action, payload)).toMatchObject({ event: action, about: 'ignored', touched: [], gone: [] });
  });

  it.each(['', 'null', '[]', '{"payload":{}}', '{"action":7}', '{"action":"job_updated","payload":{"job":{}}}'])(
    'that is %j is a fault and nothing worse',
    (body) => {
      expect(() => webhooks.read(deliver(body))).toThrow(expect.objectContaining({ code: 'unexpected-shape' }));
    },
  );

  it('never shows in its fault what was in it', () => {
    const fault = catchFault(() => read('update_candidate', { candidate: { id: 'ines@example.test' } }));
    expect(fault.message).toContain('candidate.id');
    expect(fault.message).not.toContain('ines');
  });
});

describe('registering a hook', () => {
  it('takes a hook that Greenhouse saved switched off away again and says what to do', async () => {
    const context = contextOver(({ method }) =>
      method === 'POST' ? { status: 201, body: { id: 5, deactivated: true } } : { body: {} },
    );
    await expect(webhooks.registration?.register(context, HOOK)).rejects.toThrow(/switched off.*reach this server/);
    expect(context.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /webhooks',
      'DELETE /webhooks/5',
    ]);
  });

  it('asks for nothing when the scope was not granted, and leaves it to the admin', async () => {
    const context = contextOver(() => ({ status: 500 }), ['harvest:jobs:list']);
    await expect(webhooks.registration?.register(context, HOOK)).rejects.toThrow('harvest:webhooks:create');
    expect(context.sent).toEqual([]);
  });

  it('never says the secret when it is refused', async () => {
    const context = contextOver(() => ({ status: 422, body: { errors: [{ secret_key: 'ours is too short' }] } }));
    const error: unknown = await webhooks.registration?.register(context, HOOK).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('secret_key') });
    expect((error as Error).message).not.toContain('ours');
  });

  it('by hand is a hook for each event', () => {
    const steps = webhooks.instructions({ url: HOOK.url, events: ['job_updated', 'merge_candidate'] }).join(' ');
    expect(steps).toContain('job_updated, merge_candidate');
    expect(steps).toContain(HOOK.url);
  });
});

function catchFault(work: () => unknown): ProviderFault {
  try {
    work();
  } catch (error) {
    if (error instanceof ProviderFault) return error;
  }
  throw new Error('no fault was thrown');
}
