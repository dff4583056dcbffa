import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HookReceiver, type ReceivedJson } from '../testing/hook-receiver.js';
import { closeSandboxes, sandbox, type Row } from './testing/api-sandbox.js';
import { webhookSignature } from './webhooks/lever-webhooks.js';

/** What POST /webhooks answers, as far as the specs look at it. */
interface Hook {
  readonly id: string;
  readonly event: string;
  readonly url: string;
  readonly configuration: {
    readonly conditions?: { readonly origins: readonly string[] };
    readonly signatureToken?: string;
  };
}

type Api = Awaited<ReturnType<typeof sandbox>>;

describe('webhooks of the Lever simulator', () => {
  let api: Api;
  let receiver: HookReceiver;
  beforeEach(async () => {
    api = await sandbox({ candidates: 80 });
    receiver = await HookReceiver.start();
  });
  afterEach(async () => {
    await receiver.stop();
    await closeSandboxes();
  });

  const post = async (event: string, configuration?: object): Promise<Hook> => {
    const { status, body } = await api.send('POST', '/webhooks', {
      event,
      url: receiver.url,
      ...(configuration && { configuration }),
    });
    expect(status).toBe(201);
    return body.data as unknown as Hook;
  };
  const flush = (all = false) => api.account.webhooks.outbox.flush(all);
  const operate = (...operations: Readonly<Record<string, unknown>>[]) => api.account.change({ operations }).operations;
  const applicant = async (): Promise<Row> => {
    const rows = await api.walk('/opportunities?archived=false&stage_id=applicant-new');
    const row = rows.find(({ isAnonymized, applications }) => !isAnonymized && applications.length > 0);
    if (row === undefined) throw new Error('There is no applicant.');
    return row;
  };
  const taken = async (): Promise<readonly ReceivedJson[]> => {
    await flush();
    return receiver.take().map(({ json }) => json);
  };

  it('sign the token and the time, and nothing else of the body', () => {
    const token = 'be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154';
    expect(webhookSignature('test-signature-token', token, 1431454330072)).toBe(
      '67237316b71be6f4595c3313d347b09353b22d7cbab3726261b73d409acd8fd7',
    );
  });

  it('show the token that they sign with once, when they are made', async () => {
    const made = await post('candidateStageChange');
    expect(made.configuration.signatureToken).toMatch(/^[0-9a-f]{48}$/);
    expect(made.configuration.conditions?.origins).toHaveLength(6);
    const { body } = await api.get('/webhooks');
    expect(body).not.toHaveProperty('hasNext');
    expect(body.data).toEqual([{ ...made, configuration: { conditions: made.configuration.conditions } }]);
    const data = [{ id: made.id, url: `${receiver.url}2`, configuration: { conditions: { origins: ['applied'] } } }];
    const changed = await api.send('PUT', '/webhooks', { data });
    expect(changed.body.data).toMatchObject([
      { id: made.id, url: `${receiver.url}2`, configuration: { conditions: { origins: ['applied'] } } },
    ]);
    const headers = { authorization: 'Bearer all' };
    const gone = await fetch(`${api.url}/webhooks/${made.id}`, { method: 'DELETE', headers });
    expect([gone.status, await gone.text()]).toEqual([204, '']);
    expect((await api.get('/webhooks')).body.data).toEqual([]);
    expect((await api.send('DELETE', `/webhooks/${made.id}`, undefined)).status).toBe(404);
  });

  it('are refused for unknown events, for origins where there are none, and without the scope', async () => {
    expect((await api.send('POST', '/webhooks', { event: 'postingUpdated', url: receiver.url })).status).toBe(400);
    const configuration = { conditions: { origins: ['applied'] } };
    expect(
      (await api.send('POST', '/webhooks', { event: 'contactUpdated', url: receiver.url, configuration })).status,
    ).toBe(400);
    expect(
      (await api.send('POST', '/webhooks', { event: 'contactUpdated', url: receiver.url }, 'only-stages')).status,
    ).toBe(403);
    expect((await api.get('/webhooks', 'only-stages')).status).toBe(403);
    api.account.setKnobs({ webhookDoubleWrapped: true });
    expect(await post('contactUpdated')).toMatchObject({ data: { event: 'contactUpdated', configuration: {} } });
  });

  it('made by an app tell nothing until a Super Admin turns their event on', async () => {
    await post('candidateStageChange');
    const { id } = await applicant();
    await api.send('PUT', `/opportunities/${id}/stage`, { stage: 'offer' });
    expect(await taken()).toEqual([]);
    api.account.webhooks.toggle(['candidateStageChange'], true);
    await api.send('PUT', `/opportunities/${id}/stage`, { stage: 'applicant-new' });
    expect(await taken()).toMatchObject([
      { data: { opportunityId: id, fromStageId: 'offer', toStageId: 'applicant-new' } },
    ]);
    api.account.webhooks.toggle('all', false);
    await api.send('PUT', `/opportunities/${id}/stage`, { stage: 'offer' });
    expect(await taken()).toEqual([]);
  });

  it('made by an app are switched by their event, whatever event they had or the knob said when they were made', async () => {
    const active = () => api.account.webhooks.list().map((hook) => hook.active);
    const { id } = await post('contactUpdated');
    api.account.webhooks.toggle(['candidateHired'], true);
    expect(active()).toEqual([false]);
    await api.send('PUT', '/webhooks', { data: [{ id, event: 'candidateHired' }] });
    expect(active()).toEqual([true]);
    await api.send('PUT', '/webhooks', { data: [{ id, event: 'contactCreated' }] });
    expect(active()).toEqual([false]);
    api.account.setKnobs({ webhookGroupsOn: true });
    expect(active()).toEqual([true]);
    api.account.webhooks.toggle(['contactCreated'], false);
    expect(active()).toEqual([false]);
  });

  it('are all changed or, when one is not known or not possible, none', async () => {
    const first = await post('contactUpdated');
    const second = await post('candidateHired');
    const urls = () => api.account.webhooks.list().map(({ url }) => url);
    const change = (...data: object[]) => api.send('PUT', '/webhooks', { data });
    const url = `${receiver.url}/new`;
    expect((await change({ id: first.id, url }, { id: 'unknown', url })).status).toBe(404);
    const configuration = { conditions: { origins: ['applied'] } };
    expect((await change({ id: second.id, url }, { id: first.id, configuration })).status).toBe(400);
    expect(urls()).toEqual([receiver.url, receiver.url]);
    expect((await change({ id: first.id, url }, { id: second.id, url })).body.data).toHaveLength(2);
    expect(urls()).toEqual([url, url]);
  });

  it('are shown to nobody but the app or the key that made them', async () => {
    api.account.webhooks.create({ event: 'contactUpdated', url: receiver.url }, 'another app');
    const [hook] = api.account.webhooks.list();
    expect((await api.get('/webhooks')).body.data).toEqual([]);
    expect((await api.send('DELETE', `/webhooks/${hook?.id}`, undefined)).status).toBe(404);
    expect((await api.send('PUT', '/webhooks', { data: [{ id: hook?.id, url: receiver.url }] })).status).toBe(404);
  });

  it('tell of a merge as a change of who is left', async () => {
    api.account.setKnobs({ webhookGroupsOn: true });
    for (const event of ['contactUpdated', 'candidateDeleted']) await post(event);
    const rows = (await api.walk('/opportunities?archived=false')).filter(({ isAnonymized }) => !isAnonymized);
    const [primary, secondary] = [...new Set(rows.map(({ contact }) => contact))];
    operate({ op: 'merge-candidates', primary, secondary });
    expect((await taken()).map(({ event, data }) => [event, data])).toEqual([
      ['contactUpdated', { contactId: primary }],
    ]);
  });

  it('carry their signature in the body, and can lack it and their id', async () => {
    api.account.setKnobs({ webhookGroupsOn: true });
    const { configuration } = await post('contactUpdated');
    const { contact } = await applicant();
    await api.send('PUT', `/contacts/${contact}`, { headline: 'Cook' });
    await flush();
    const [delivery] = receiver.take();
    expect(delivery?.headers).toMatchObject({ 'user-agent': 'Lever-Webhooks', 'content-type': 'application/json' });
    const { token, triggeredAt, signature, ...rest } = delivery?.json ?? {};
    expect(token).toMatch(/^[0-9a-f]{48}$/);
    const right = createHmac('sha256', configuration.signatureToken ?? '')
      .update(`${token}${triggeredAt}`)
      .digest('hex');
    expect(signature).toBe(right);
    expect(rest).toEqual({ id: expect.any(String), event: 'contactUpdated', data: { contactId: contact } });
    api.account.setKnobs({ webhookMissingId: true, webhookUnsigned: true });
    await api.send('PUT', `/contacts/${contact}`, { headline: 'Chef' });
    expect(Object.keys((await taken())[0] ?? {})).toEqual(['event', 'triggeredAt', 'token', 'data']);
  });

  it('are made in the settings with or without a token, and then belong to no app', async () => {
    const { webhooks } = api.account;
    const signed = await webhooks.add({ event: 'candidateHired', url: receiver.url });
    const unsigned = await webhooks.add({ event: 'candidateHired', url: receiver.url, signed: false });
    expect([signed.secret?.length, unsigned.secret, signed.active]).toEqual([48, null, true]);
    expect((await api.get('/webhooks')).body.data).toEqual([]);
    expect(await webhooks.test(signed.id)).toBe(true);
    expect(receiver.take()[0]?.json).toMatchObject({
      event: 'candidateHired',
      data: {},
      signature: expect.any(String),
    });
    operate({ op: 'hire', application: (await applicant()).id });
    expect((await taken()).map(({ signature }) => typeof signature)).toEqual(['string', 'undefined']);
    const { id } = await post('candidateHired');
    await expect(webhooks.change(id, { active: true })).rejects.toThrow('made by an app');
    webhooks.remove(unsigned.id);
    expect(webhooks.list().map((hook) => hook.madeBy)).toEqual(['hand', 'api']);
  });

  it('send a test that names nothing when the connection is to be verified', async () => {
    await post('applicationCreated', { verifyConnection: true });
    expect(await taken()).toMatchObject([{ event: 'applicationCreated', data: {}, signature: expect.any(String) }]);
  });

  it('tell only of the origins that they are limited to', async () => {
    api.account.setKnobs({ webhookGroupsOn: true });
    await post('candidateStageChange', { conditions: { origins: ['agency'] } });
    const rows = await api.walk('/opportunities?archived=false');
    const move = async (origin: string): Promise<number> => {
      const row = rows.find((one) => one.origin === origin);
      await api.send('PUT', `/opportunities/${row?.id}/stage`, { stage: 'offer' });
      return (await taken()).length;
    };
    expect([await move('agency'), await move('applied')]).toEqual([1, 0]);
  });

  it('tell of everything that happens to a person, with ids only', async () => {
    api.account.setKnobs({ webhookGroupsOn: true });
    const events = [
      'applicationCreated',
      'candidateArchiveChange',
      'candidateHired',
      'candidateDeleted',
      'contactCreated',
      'contactUpdated',
    ];
    for (const event of events) await post(event);
    const [posting] = await api.walk('/postings?state=published');
    const [made] = operate({ op: 'create-candidate', job: posting?.id, name: 'Ada New' });
    const opportunityId = String(made?.detail['application']);
    const ids = { opportunityId, candidateId: opportunityId, contactId: made?.id };
    expect((await taken()).map(({ event, data }) => [event, data])).toEqual([
      ['contactCreated', { contactId: made?.id }],
      ['applicationCreated', { applicationId: expect.any(String), ...ids }],
    ]);
    const [hired, reason] = await api.walk('/archive_reasons');
    await api.send('PUT', `/opportunities/${opportunityId}/archived`, { reason: reason?.id });
    const archived = { archivedAt: expect.any(Number), reason: reason?.id };
    expect(await taken()).toMatchObject([{ data: { ...ids, fromArchived: null, toArchived: archived } }]);
    await api.send('PUT', `/opportunities/${opportunityId}/archived`, { reason: null });
    expect(await taken()).toMatchObject([{ data: { fromArchived: archived, toArchived: null } }]);
    await api.send('PUT', `/opportunities/${opportunityId}/archived`, { reason: hired?.id });
    expect((await taken()).map(({ event, data }) => [event, data])).toEqual([['candidateHired', ids]]);
    operate({ op: 'delete-candidate', candidate: made?.id });
    expect((await taken()).map(({ event, data }) => [event, data])).toEqual([
      ['candidateDeleted', { ...ids, deletedBy: expect.any(String) }],
    ]);
  });

  it('are tried five times; a redirect is a failure, and any success will do', async () => {
    api.account.setKnobs({ webhookGroupsOn: true, webhooks: { repeatedIds: 'new' } });
    await post('contactUpdated');
    const { contact } = await applicant();
    await api.send('PUT', `/contacts/${contact}`, { headline: 'Cook' });
    receiver.status = 307;
    const gaps: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await flush();
      const [{ dueAt } = { dueAt: '' }] = api.account.webhooks.outbox.list({ state: 'pending' });
      if (dueAt !== '') gaps.push(Math.round((Date.parse(dueAt) - api.clock.now().getTime()) / 1000));
      api.clock.advance(3 * 3600);
    }
    const [delivery] = api.account.webhooks.outbox.list();
    expect([delivery?.state, delivery?.attempts.map(({ status }) => status)]).toEqual([
      'failed',
      [307, 307, 307, 307, 307],
    ]);
    // The vendor names no times, only that they grow.
    expect(gaps).toHaveLength(4);
    expect(gaps.every((gap, place) => gap > (gaps[place - 1] ?? 0))).toBe(true);
    const tokens = receiver.take().map(({ json }) => [json.token, json.triggeredAt]);
    expect(new Set(tokens.map(([token]) => token)).size).toBe(5);
    expect(new Set(tokens.map(([, triggeredAt]) => triggeredAt)).size).toBe(1);
    receiver.status = 204;
    expect(await api.account.webhooks.outbox.resend(delivery?.id ?? 0)).toMatchObject({ state: 'delivered' });
  });
});
