import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ProviderFault } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { lever } from './index.js';
import { webhooks } from './webhooks.js';

const config = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder) => createProviderContext({ provider: lever, config, respond });
const delivery = (said: unknown) => ({ headers: {}, body: Buffer.from(JSON.stringify(said)) });
const signature = '67237316b71be6f4595c3313d347b09353b22d7cbab3726261b73d409acd8fd7';
const signed = {
  token: 'be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154',
  triggeredAt: 1_431_454_330_072,
  signature,
};

describe('a delivery', () => {
  it.each([['a number'], ['text']])('is signed over its token and its moment, which is %s', (kind) => {
    const triggeredAt = kind === 'text' ? String(signed.triggeredAt) : signed.triggeredAt;
    const claim = webhooks.claim(delivery({ event: 'candidateHired', ...signed, triggeredAt, data: {} }));
    if (claim === null) throw new Error('the claim is missing');
    expect(createHmac('sha256', 'test-signature-token').update(claim.message).digest('hex')).toBe(signature);
    expect(claim).toMatchObject({ algorithm: 'hmac-sha256', signature, signedAt: new Date(1_431_454_330_072) });
  });

  it.each([
    ['no signature', { ...signed, signature: undefined }],
    ['a signature in capitals', { ...signed, signature: signature.toUpperCase() }],
    ['half a signature', { ...signed, signature: signature.slice(0, 32) }],
    ['no token', { ...signed, token: undefined }],
    ['an empty token', { ...signed, token: '' }],
    ['a moment that is none', { ...signed, triggeredAt: 'lately' }],
    ['a moment beyond all dates', { ...signed, triggeredAt: 8_640_000_000_000_001 }],
  ])('has no claim with %s', (_what, said) => {
    expect(webhooks.claim(delivery(said))).toBeNull();
  });

  it.each([
    ['applicationCreated', 'touched', 'application'],
    ['candidateStageChange', 'touched', 'application'],
    ['candidateArchiveChange', 'touched', 'application'],
    ['candidateHired', 'touched', 'application'],
    ['candidateDeleted', 'gone', 'application'],
    ['contactCreated', 'touched', 'candidate'],
    ['contactUpdated', 'touched', 'candidate'],
  ] as const)('of %s names what was %s, an %s', (event, list, kind) => {
    const data = { opportunityId: 'o-1', contactId: 'c-1', candidateId: 'never', applicationId: 'never' };
    const news = webhooks.read(delivery({ ...signed, event, data }));
    const remoteId = kind === 'application' ? 'o-1' : 'c-1';
    expect(news).toMatchObject({ event, about: 'records', [list]: [{ kind, remoteId }] });
    expect(news.touched.length + news.gone.length).toBe(1);
  });

  it('of an interview, of an event that nobody knows or without an opportunity concerns nothing', () => {
    for (const [event, data] of [
      ['interviewCreated', { opportunityId: 'o-1' }],
      ['candidateTeleported', { opportunityId: 'o-1' }],
      ['candidateHired', { candidateId: 'old-1' }],
    ] as const)
      expect(webhooks.read(delivery({ event, data }))).toMatchObject({ about: 'ignored', touched: [], gone: [] });
  });

  it('without data is a test, whatever its event', () => {
    for (const data of [{}, null, undefined])
      expect(webhooks.read(delivery({ event: 'candidateDeleted', data })).about).toBe('test');
  });

  it('has an id of its own only when Lever sends one', () => {
    const said = { event: 'candidateHired', data: { opportunityId: 'o-1' } };
    expect(webhooks.read(delivery({ ...said, id: 'd-1' })).deliveryId).toBe('d-1');
    expect(webhooks.read(delivery(said)).deliveryId).toBeNull();
  });

  it('that is none is a fault', () => {
    for (const said of [null, [], 'text', {}, { event: '' }])
      expect(() => webhooks.read(delivery(said))).toThrow(ProviderFault);
  });
});

describe('a registration', () => {
  const hook = { url: 'https://elly.example/hook', event: 'candidateHired', secret: 'ours' };
  const created = { id: 'h-1', ...hook, configuration: { signatureToken: 'theirs' } };
  const register = (body: unknown) =>
    webhooks.registration?.register(
      contextOver(() => ({ status: 201, body })),
      hook,
    );

  it.each([
    ['once', { data: created }],
    ['twice', { data: { data: created } }],
  ])('keeps the token of an answer that is wrapped %s, and never sends a secret of ours', async (_how, body) => {
    const context = contextOver(() => ({ status: 201, body }));
    expect(await webhooks.registration?.register(context, hook)).toEqual({ remoteId: 'h-1', secret: 'theirs' });
    expect(context.sent[0]?.json).toEqual({ url: hook.url, event: hook.event });
  });

  it('without a token is a fault, for nothing that the hook sends could be believed', async () => {
    await expect(register({ data: { ...created, configuration: {} } })).rejects.toMatchObject({
      code: 'unexpected-shape',
    });
    await expect(register({ data: {} })).rejects.toMatchObject({ code: 'unexpected-shape' });
  });

  it('tells an admin to switch the events on', () => {
    const steps = webhooks.instructions({ url: hook.url, events: webhooks.events }).join(' ');
    expect(steps).toMatch(/Switch each of these events on/);
    for (const event of webhooks.events) expect(steps).toContain(event);
  });
});
