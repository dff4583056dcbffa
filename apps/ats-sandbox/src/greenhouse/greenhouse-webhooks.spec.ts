import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HookReceiver } from '../testing/hook-receiver.js';
import { TestApi, type Body } from './testing/test-api.js';
import { signature, webhookBody } from './webhooks/signed-body.js';

const HOUR = 3600;

describe('webhooks of the Greenhouse simulator', () => {
  let api: TestApi;
  let receiver: HookReceiver;
  beforeEach(async () => {
    api = await TestApi.start({ candidates: 60, knobs: { rateLimit: 'off' } });
    receiver = await HookReceiver.start();
  });
  afterEach(async () => {
    await receiver.stop();
    await api.stop();
  });

  const hook = async (event: string): Promise<Body> => {
    const body = {
      endpoint_url: receiver.url,
      name: event,
      event_action_type: event,
      secret_key: 's3',
      max_attempts: 7,
    };
    const { status, body: made } = await api.send('POST', '/webhooks', body);
    expect(status).toBe(201);
    receiver.take();
    return made;
  };
  const flush = (all = false) => api.account.webhooks.outbox.flush(all);
  const operate = (...operations: Readonly<Record<string, unknown>>[]) => api.account.change({ operations }).operations;
  const inProcess = async (): Promise<Body> => {
    const [row] = await api.walk('/applications?status=active&prospect=false');
    if (row === undefined) throw new Error('Nobody is in process.');
    return row;
  };
  const events = async (...names: string[]): Promise<readonly Body[]> => {
    expect(receiver.take()).toEqual([]);
    await flush();
    const received = receiver.take().map(({ json }) => json);
    expect(received.map(({ action }) => action)).toEqual(names);
    return received.map(({ payload }) => payload);
  };

  it('escape what HTML would trip over before the bytes are signed, as "sha256", a space and a hexadecimal digest', () => {
    const body = webhookBody({ action: 'ping', payload: { note: '<b>a & b</b>' } });
    expect(body).toBe('{"action":"ping","payload":{"note":"\\u003cb\\u003ea \\u0026 b\\u003c/b\\u003e"}}');
    expect(JSON.parse(body)).toEqual({ action: 'ping', payload: { note: '<b>a & b</b>' } });
    // echo -n '{"action":"ping"}' | openssl dgst -sha256 -hmac 1uSUju2H6AohOE7OQVaxeLT3O8Uxxuas
    const secret = '1uSUju2H6AohOE7OQVaxeLT3O8Uxxuas';
    expect(signature('{"action":"ping"}', secret)).toBe(
      'sha256 55adce697c5aca9905fd6238878fdf759f1851315ee178028fbcdb7819067673',
    );
    expect(signature(body, secret)).toMatch(/^sha256 [0-9a-f]{64}$/);
  });

  it('are made through the API, pinged, listed without their secret, changed and deleted', async () => {
    const made = await hook('candidate_stage_change');
    expect(made).toMatchObject({
      endpoint_url: receiver.url,
      deactivated: false,
      event_action_type: 'candidate_stage_change',
    });
    expect(JSON.stringify(await api.walk('/webhooks'))).not.toContain('s3');
    const changed = await api.send('PATCH', `/webhooks/${String(made['id'])}`, { name: 'Other' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Other', deactivated: false } });
    const [ping] = receiver.take();
    expect(ping?.headers['signature']).toBe(
      `sha256 ${createHmac('sha256', 's3')
        .update(ping?.body ?? '')
        .digest('hex')}`,
    );
    expect(ping?.headers['greenhouse-event-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(ping?.json.payload ?? {})).toEqual([
      'web_hook_id',
      'endpoint_url',
      'created_at',
      'updated_at',
      'name',
      'event',
      'active',
      'content-type',
    ]);
    expect(ping?.json).toMatchObject({ action: 'ping', payload: { event: 'Candidate Stage Change', active: true } });
    expect((await api.send('POST', '/webhooks', { name: 'x' })).status).toBe(422);
    expect((await api.send('PATCH', '/webhooks/99', {})).status).toBe(404);
    const gone = await api.send('DELETE', `/webhooks/${String(made['id'])}`, undefined);
    expect([gone.status, gone.body]).toEqual([200, { message: `Webhook ${String(made['id'])} deleted successfully` }]);
    expect(await api.walk('/webhooks')).toEqual([]);
  });

  it('need scopes of their own', async () => {
    expect((await api.get('/webhooks', 'narrow')).status).toBe(403);
    expect((await api.send('POST', '/webhooks', {}, 'narrow')).status).toBe(403);
    expect((await api.send('DELETE', '/webhooks/1', undefined, 'narrow')).status).toBe(403);
  });

  it('are saved switched off when the ping is not answered with 200, and tell nothing until they are switched on', async () => {
    receiver.status = 202;
    const made = await hook('candidate_stage_change');
    expect(made['deactivated']).toBe(true);
    const { id } = await inProcess();
    api.account.actions.applications.move(Number(id), {});
    await events();
    receiver.status = 200;
    expect((await api.account.webhooks.change(String(made['id']), { active: true })).active).toBe(true);
    receiver.take();
    api.account.actions.applications.move(Number(id), {});
    await events('candidate_stage_change');
  });

  it('send headers and a password of their own with each delivery, and none under a reserved name', async () => {
    const body = {
      endpoint_url: receiver.url,
      name: 'Headers',
      event_action_type: 'update_candidate',
      secret_key: 's3',
      max_attempts: 7,
      basic_auth_username: 'ada',
      basic_auth_password: 'pass',
      additional_headers: 'X-Tenant: acme\nsignature: forged\nUSER-AGENT: forged\nContent-Length: 1',
    };
    const { status, body: made } = await api.send('POST', '/webhooks', body);
    expect([status, made['deactivated']]).toEqual([201, false]);
    expect(made).not.toHaveProperty('basic_auth_password');
    const [ping] = receiver.take();
    expect(ping?.headers).toMatchObject({
      'x-tenant': 'acme',
      'user-agent': 'Greenhouse Webhooks',
      'content-length': String(Buffer.byteLength(ping?.body ?? '')),
      authorization: `Basic ${btoa('ada:pass')}`,
      signature: signature(ping?.body ?? '', 's3'),
    });
    expect(JSON.stringify(api.account.writes.list())).not.toMatch(/s3|"pass"/);
  });

  it('are switched off again when the ping after a change is not answered with 200', async () => {
    const { id } = await hook('update_candidate');
    receiver.status = 500;
    const changed = await api.send('PATCH', `/webhooks/${String(id)}`, { name: 'Other' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Other', deactivated: true } });
    expect(receiver.take().map(({ json }) => json.action)).toEqual(['ping']);
    // A delivery that fails switches nothing off.
    receiver.status = 200;
    await api.send('PATCH', `/webhooks/${String(id)}`, { deactivated: false });
    receiver.take();
    receiver.status = 500;
    const [person] = (await api.walk('/candidates')).filter((row) => typeof row['id'] === 'number');
    operate({ op: 'edit-candidate', candidate: person?.['id'], set: { title: 'Cook' } });
    await flush();
    expect((await api.walk('/webhooks'))[0]?.['deactivated']).toBe(false);
  });

  it('are tried as often as they ask for, and no more than seven times', async () => {
    for (const attempts of [2, 99]) {
      const { id } = await hook('update_candidate');
      await api.send('PATCH', `/webhooks/${String(id)}`, { max_attempts: attempts });
    }
    receiver.status = 500;
    const [person] = (await api.walk('/candidates')).filter((row) => typeof row['id'] === 'number');
    operate({ op: 'edit-candidate', candidate: person?.['id'], set: { title: 'Cook' } });
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await flush();
      api.clock.advance(9 * HOUR);
    }
    const deliveries = api.account.webhooks.outbox.list({ event: 'update_candidate' });
    expect(deliveries.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ['failed', 2],
      ['failed', 7],
    ]);
  });

  it('can be made by hand, with a secret that the admin chooses', async () => {
    const { webhooks } = api.account;
    await expect(webhooks.add({ event: 'hire_candidate', url: receiver.url })).rejects.toThrow('needs a secret');
    await expect(webhooks.add({ event: 'nonsense', url: receiver.url, secret: 'x' })).rejects.toThrow(
      'no such webhook',
    );
    const made = await webhooks.add({ event: 'hire_candidate', url: receiver.url, secret: 'x' });
    expect(made).toMatchObject({ active: true, madeBy: 'hand', secret: 'x' });
    expect(await webhooks.test(made.id)).toBe(true);
    webhooks.remove(made.id);
    expect(webhooks.list()).toEqual([]);
  });

  it('tell of moves, rejections and hires in the shapes of the documentation, whoever made them', async () => {
    const wanted = [
      'candidate_stage_change',
      'reject_candidate',
      'unreject_candidate',
      'hire_candidate',
      'offer_updated',
    ];
    for (const event of [...wanted, 'unhire_candidate', 'application_updated']) await hook(event);
    const row = await inProcess();
    const id = String(row['id']);
    expect((await api.send('POST', `/applications/${id}/move`, { from_stage_id: row['stage_id'] })).status).toBe(204);
    const [moved] = await events('candidate_stage_change');
    const after = (await api.get(`/applications?ids=${id}`)).rows[0];
    expect(moved?.['application']).toMatchObject({
      id: row['id'],
      status: 'active',
      applied_at: row['created_at'],
      current_stage: { id: after?.['job_interview_stage_id'], name: after?.['stage_name'], interviews: [] },
      candidate: { id: row['candidate_id'], is_private: false },
      jobs: [{ id: row['job_id'], status: 'open' }],
      rejection_reason: null,
    });
    const [reason] = await api.walk('/rejection_reasons');
    operate({ op: 'reject', application: id, reason: reason?.['id'] });
    const [rejected] = await events('reject_candidate');
    expect((rejected?.['application'] as Body)['rejection_reason']).toEqual({
      id: reason?.['id'],
      name: reason?.['name'],
      type: { id: expect.any(Number), name: expect.any(String) },
    });
    expect(rejected?.['application']).toMatchObject({
      status: 'rejected',
      rejection_reason: { id: reason?.['id'], name: reason?.['name'] },
      current_stage: { id: after?.['job_interview_stage_id'] },
    });
    await api.send('POST', `/applications/${id}/unreject`, {});
    await events('unreject_candidate');
    await api.send('PATCH', `/applications/${id}`, { custom_fields: [{ name_key: 'visa', value: true }] });
    await events('application_updated');
    await api.send('POST', `/applications/${id}/hire`, {});
    const [hired, offer] = await events('hire_candidate', 'offer_updated');
    expect(hired?.['application']).not.toHaveProperty('status');
    expect(hired?.['application']).toMatchObject({
      id: row['id'],
      job: { id: row['job_id'] },
      source: { public_name: expect.any(String) },
    });
    expect(offer).toMatchObject({ application_id: row['id'], offer_status: 'Accepted' });
    operate({ op: 'unhire', application: id });
    await events('unhire_candidate');
    expect((await api.get(`/applications?ids=${id}`)).rows[0]).toMatchObject({
      status: 'in_process',
      job_interview_stage_id: after?.['job_interview_stage_id'],
    });
  });

  it('tell of people and of what becomes of them', async () => {
    for (const event of [
      'new_candidate_application',
      'update_candidate',
      'delete_candidate',
      'candidate_anonymized',
      'delete_application',
    ])
      await hook(event);
    const { job_id: job } = await inProcess();
    const [made] = operate({ op: 'create-candidate', job, first_name: 'Ada', last_name: 'New', resume: true });
    const [applied] = await events('new_candidate_application');
    expect(applied?.['application']).toMatchObject({
      candidate: { first_name: 'Ada', attachments: [{ type: 'resume' }] },
      prospect_detail: { prospect_pool: null },
      jobs: [{ id: job, hiring_team: { hiring_managers: [{ user_id: expect.any(Number) }] } }],
    });
    await api.send('PATCH', `/candidates/${made?.id}`, { company: 'Acme <&> Co' });
    await flush();
    const [updated] = receiver.take();
    expect(updated?.body).toContain('Acme \\u003c\\u0026\\u003e Co');
    expect(updated?.json.payload).toMatchObject({ candidate: { company: 'Acme <&> Co' } });
    operate({ op: 'anonymize-candidate', candidate: made?.id, fields: ['full_name', 'email_addresses'] });
    expect(await events('candidate_anonymized')).toEqual([
      { candidate_id: Number(made?.id), anonymized_fields: ['full_name', 'email_addresses'] },
    ]);
    const second = operate({ op: 'create-application', candidate: made?.id, job })[0];
    await events('new_candidate_application');
    operate({ op: 'delete-application', application: second?.id });
    const [gone] = await events('delete_application');
    expect(gone?.['application']).toMatchObject({
      id: Number(second?.id),
      candidate_id: Number(made?.id),
      job_id: job,
    });
    operate({ op: 'delete-candidate', candidate: made?.id });
    // No event for each of the applications that go with the person.
    const [person] = await events('delete_candidate');
    expect(person?.['person']).toMatchObject({
      id: Number(made?.id),
      deleted_application_ids: [made?.detail['application']],
    });
  });

  it('tell of a merge as a merge, or as a deletion when nobody listens for merges', async () => {
    const rows = await api.walk('/candidates');
    const people = rows.flatMap((row) => (typeof row['id'] === 'number' ? [row['id']] : []));
    await hook('delete_candidate');
    operate({ op: 'merge-candidates', primary: people[0], secondary: people[1] });
    expect(await events('delete_candidate')).toMatchObject([{ person: { id: people[1] } }]);
    await hook('merge_candidate');
    operate({ op: 'merge-candidates', primary: people[0], secondary: people[2] });
    expect(await events('merge_candidate')).toMatchObject([{ person: { id: people[2], new_candidate_id: people[0] } }]);
  });

  it('tell of jobs, their posts and their stages', async () => {
    for (const event of [
      'job_created',
      'job_updated',
      'job_deleted',
      'job_post_updated',
      'job_interview_stage_deleted',
    ])
      await hook(event);
    const [made] = operate({ op: 'create-job', name: 'Cook', status: 'open' });
    expect(await events('job_created')).toMatchObject([{ job: { name: 'Cook', openings: [], hiring_team: {} } }]);
    operate({ op: 'edit-job', job: made?.id, set: { name: 'Chef' } });
    expect(await events('job_updated')).toMatchObject([{ job: { name: 'Chef', status: 'open' } }]);
    const stage = api.account.store.stagesOfJob(Number(made?.id))[2];
    operate({ op: 'delete-stage', stage: stage?.id });
    expect(await events('job_interview_stage_deleted')).toEqual([
      {
        job_interview_stage: {
          id: stage?.id,
          job_id: Number(made?.id),
          created_at: stage?.created_at,
          updated_at: stage?.updated_at,
          name: stage?.name,
          active: true,
        },
      },
    ]);
    operate({ op: 'delete-job', job: made?.id });
    expect(await events('job_deleted')).toEqual([{ job: { id: Number(made?.id), name: 'Chef' } }]);
    const { job_id: job } = await inProcess();
    operate({ op: 'close-job', job });
    const [, post] = await events('job_updated', 'job_post_updated');
    expect(post).toMatchObject({ job_id: job, live: false, external: expect.any(Boolean) });
    expect(post).not.toHaveProperty('active');
  });

  it('are tried seven times over fifteen hours, and only 200 is a success', async () => {
    await hook('candidate_stage_change');
    const { id } = await inProcess();
    receiver.status = 204;
    api.account.actions.applications.move(Number(id), {});
    const attempts: number[] = [];
    for (const minutes of [0, 1, 15, 60, 120, 240, 480, 960]) {
      if (minutes > 0) {
        api.clock.advance(minutes * 60 - 30);
        expect((await flush()).attempted).toBe(0);
        api.clock.advance(31);
      }
      attempts.push((await flush()).attempted);
    }
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
    const deliveries = api.account.webhooks.outbox.list({ state: 'failed' });
    expect(deliveries).toMatchObject([
      { event: 'candidate_stage_change', attempts: [{ status: 204 }, {}, {}, {}, {}, {}, {}] },
    ]);
    expect(new Set(receiver.take().map(({ headers }) => headers['greenhouse-event-id'])).size).toBe(1);
    receiver.status = 200;
    expect(await api.account.webhooks.outbox.resend(deliveries[0]?.id ?? 0)).toMatchObject({ state: 'delivered' });
    expect((await api.walk('/webhooks'))[0]?.['last_delivered']).toEqual(expect.any(String));
  });

  it('are lost, doubled, turned round and held back as the knobs say, alike for one seed', async () => {
    await hook('update_candidate');
    const rows = await api.walk('/candidates');
    const people = rows.flatMap((row) => (typeof row['id'] === 'number' ? [row['id']] : [])).slice(0, 30);
    const round = async (webhooks: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> => {
      api.account.setKnobs({ webhooks: { delivery: 'manual', seed: 5, ...webhooks } });
      for (const candidate of people) operate({ op: 'edit-candidate', candidate, set: { title: 'Cook' } });
      await flush();
      return receiver.take().map(({ json }) => (json.payload['candidate'] as Body)['id']);
    };
    expect(await round({})).toEqual(people);
    const rest = await round({ lost: 0.3 });
    expect([rest.length > 10, rest.length < 30]).toEqual([true, true]);
    const doubled = await round({ duplicated: 0.5 });
    expect([doubled.length > 35, new Set(doubled).size]).toEqual([true, 30]);
    const turned = await round({ reordered: 0.5 });
    expect(turned).not.toEqual(people);
    expect([...turned].sort()).toEqual([...people].sort());
    const prompt = await round({ delayed: 0.5, delayMs: 6 * HOUR * 1000 });
    expect(prompt.length).toBeLessThan(25);
    api.clock.advance(6 * HOUR);
    await flush();
    expect(prompt.length + receiver.take().length).toBe(30);
    const outcome = api.account.webhooks.outbox.list().filter(({ state }) => state === 'lost').length;
    expect(outcome).toBe(30 - rest.length);
  });
});
