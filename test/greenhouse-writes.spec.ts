import type { Sandbox, SimulatedAccount } from '@elly/ats-sandbox';
import { createSandbox } from '@elly/ats-sandbox';
import type { ApplicationRef, Move } from '@elly/ats-integration/contract';
import { greenhouse } from '@elly/ats-integration/providers/greenhouse';
import type { Responder } from '@elly/ats-integration/testing';
import { createProviderContext } from '@elly/ats-integration/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

type Row = Readonly<Record<string, unknown>>;

const { stageChanges, fieldChanges } = greenhouse;
if (stageChanges === undefined || fieldChanges === undefined) throw new Error('Greenhouse is read-only.');

describe('writing to a Greenhouse that keeps state', () => {
  const TOKEN = 'token-of-a-site-admin';
  let sandbox: Sandbox;
  let account: SimulatedAccount;
  let url = '';

  beforeAll(async () => {
    sandbox = createSandbox({
      accounts: [{ provider: 'greenhouse', candidates: 60, knobs: { rateLimit: 'off' } }],
    });
    const found = sandbox.accounts.list()[0];
    if (found === undefined) throw new Error('There is no account.');
    account = found;
    const userId = account.users().find(({ admin }) => admin)?.id ?? '';
    const scopes = [
      ...(greenhouse.manifest.auth.kind === 'oauth2' ? greenhouse.manifest.auth.scopes : []),
      ...['move', 'reject', 'unreject', 'hire'].map((verb) => `harvest:applications:${verb}`),
      'harvest:rejection_reasons:list',
      'harvest:rejection_details:list',
      'harvest:candidates:update',
    ];
    sandbox.tokens.greenhouse.addAccessToken(TOKEN, { accountId: account.id, userId, scopes, clientId: 'c-1' }, 3600);
    url = `${(await sandbox.listen()).url}/greenhouse/v3`;
  });
  afterAll(() => sandbox.close());

  const overHttp: Responder = async (request) => {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text: await response.text() };
  };
  const context = (options: object = {}) =>
    createProviderContext({
      provider: greenhouse,
      config: { clientId: 'c-1', clientSecret: 's', apiUrl: url, ...options },
      respond: overHttp,
    });
  const list = async (path: string): Promise<readonly Row[]> =>
    (await context().http.request({ path })).body as readonly Row[];
  const inProcess = async (): Promise<ApplicationRef> => {
    const rows = await list('/applications?status=active&prospect=false&stage_name=Application%20Review');
    const [row] = rows;
    if (row === undefined) throw new Error('Nobody is in process.');
    return {
      remoteId: String(row['id']),
      candidateRemoteId: String(row['candidate_id']),
      jobRemoteId: String(row['job_id']),
    };
  };
  const nextStage = async ({ jobRemoteId }: ApplicationRef): Promise<string> => {
    const stages = await list(`/job_interview_stages?active=true&job_ids=${jobRemoteId}`);
    const second = stages.find((stage) => stage['sort_order'] === 1);
    return String(second?.['id']);
  };
  const move = async (application: ApplicationRef, wanted: Move, options: object = {}) => {
    const work = context(options);
    const from = await stageChanges.read(work, application);
    if (from === null) throw new Error('The application is not there.');
    await stageChanges.send(work, application, from, wanted, null);
    return { from, now: await stageChanges.read(work, application) };
  };

  it.each([
    ['job-stage', 'job_interview_stage_id', 'stage_id'],
    ['application-stage', 'stage_id', 'job_interview_stage_id'],
  ])(
    'moves with %s where Greenhouse means %s, and is refused where it means %s',
    async (moveFromStage, right, wrong) => {
      const application = await inProcess();
      const stageRemoteId = await nextStage(application);
      account.setKnobs({ fromStageId: wrong });
      await expect(move(application, { kind: 'stage', stageRemoteId }, { moveFromStage })).rejects.toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('moveFromStage'),
      });
      account.setKnobs({ fromStageId: right });
      const { from, now } = await move(application, { kind: 'stage', stageRemoteId }, { moveFromStage });
      expect(from.stageRemoteId).not.toBe(stageRemoteId);
      expect(now).toMatchObject({ status: 'active', stageRemoteId });
      account.setKnobs({ fromStageId: 'either' });
    },
  );

  it('does not move somebody whom another person moved in between', async () => {
    const application = await inProcess();
    const stageRemoteId = await nextStage(application);
    const stale = await stageChanges.read(context(), application);
    if (stale === null) throw new Error('The application is not there.');
    await move(application, { kind: 'stage', stageRemoteId });
    await expect(
      stageChanges.send(context(), application, stale, { kind: 'stage', stageRemoteId }, null),
    ).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('finds the stage, and moves, where applications do not name the stage of the job', async () => {
    account.setKnobs({ jobInterviewStageId: false });
    const application = await inProcess();
    const stageRemoteId = await nextStage(application);
    const { now } = await move(application, { kind: 'stage', stageRemoteId });
    expect(now?.stageRemoteId).toBe(stageRemoteId);
    account.setKnobs({ jobInterviewStageId: true });
  });

  it('rejects with a reason that can be chosen, takes it back and hires', async () => {
    const application = await inProcess();
    const reasons = await stageChanges.reasons(context());
    const own = await list('/rejection_reasons');
    expect(reasons.length).toBeGreaterThan(own.length);
    const reasonRemoteId = reasons[0]?.remoteId ?? '';
    const rejection: Move = { kind: 'reject', reasonRemoteId, note: 'Too far away' };
    const rejected = await move(application, rejection);
    expect(rejected.now).toMatchObject({ status: 'rejected', reasonRemoteId });
    await expect(move(application, rejection)).rejects.toMatchObject({ code: 'invalid-request' });
    const back = await move(application, { kind: 'unreject' });
    expect(back.now).toMatchObject({ status: 'active', stageRemoteId: rejected.from.stageRemoteId });
    const hired = await move(application, { kind: 'hire', reasonRemoteId: null, startsOn: '2027-01-04' });
    expect(hired.now).toMatchObject({ status: 'hired' });
  });

  it('knows nothing of an application and of a person who are not there', async () => {
    const nobody = { remoteId: '1', candidateRemoteId: '2', jobRemoteId: null };
    expect(await stageChanges.read(context(), nobody)).toBeNull();
    expect(await fieldChanges.read(context(), '2')).toBeNull();
  });

  it('changes fields of a person and leaves all others as they were', async () => {
    const person = (await list('/candidates')).find((row) => row['id'] !== undefined);
    const id = String(person?.['id']);
    const before = await fieldChanges.read(context(), id);
    if (before === null) throw new Error('The candidate is not there.');
    const emails = [{ value: 'new@example.test', type: 'work' }];
    const changes = { lastName: 'Changed', emails, 'customFields.pronouns': 'they/them' };
    await fieldChanges.write(context(), id, before, changes);
    const after = await fieldChanges.read(context(), id);
    const { updatedAt: _then, customFields: had, ...kept } = before.record;
    const { updatedAt: _now, customFields: has, ...record } = after?.record ?? before.record;
    const name = `${kept.firstName} Changed`;
    expect(record).toEqual({ ...kept, name, lastName: 'Changed', emails });
    const filled = Object.entries(had).filter(([, { value }]) => value !== null && value !== '');
    expect(filled.length).toBeGreaterThan(2);
    for (const [key, field] of filled) {
      const wanted = key === 'pronouns' ? 'they/them' : field.type === 'currency' ? expect.anything() : field.value;
      expect(has[key]?.value).toEqual(wanted);
    }
  });
});
