import { describe, expect, it } from '@jest/globals';
import type { Move } from '../../contract.js';
import type { Responder, ScriptedAnswer } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { greenhouse } from './index.js';
import { stageChanges } from './stage-change.js';

const APPLICATION = { remoteId: '880001', candidateRemoteId: '770001', jobRemoteId: '4310001' };
const row = (fields: object = {}) => ({
  id: 880001,
  candidate_id: 770001,
  job_id: 4310001,
  status: 'in_process',
  stage_id: 99120007,
  job_interview_stage_id: 720002,
  stage_name: 'Phone Screen',
  ...fields,
});
const MOVE: Move = { kind: 'stage', stageRemoteId: '720003' };
const HIRE: Move = { kind: 'hire', reasonRemoteId: null, startsOn: null };

/** Lists by path; a write is answered with 204 unless another answer is given. */
const contextOver = (
  lists: Readonly<Record<string, readonly unknown[]>>,
  more: { readonly config?: object; readonly scopes?: readonly string[]; readonly write?: ScriptedAnswer } = {},
) => {
  const respond: Responder = ({ method, path }) =>
    method === 'GET' ? { body: lists[path] ?? [] } : (more.write ?? { status: 204 });
  const config = { clientId: 'c-1', clientSecret: 's', ...more.config };
  return createProviderContext({ provider: greenhouse, config, respond, scopes: more.scopes ?? [] });
};
const send = async (context: ReturnType<typeof contextOver>, move: Move) => {
  const from = await stageChanges.read(context, APPLICATION);
  if (from === null) throw new Error('The application is not there.');
  await stageChanges.send(context, APPLICATION, from, move, null);
  return context.sent.filter(({ method }) => method !== 'GET').map(({ json }) => json);
};

describe('reading where an application stands', () => {
  it('finds the stage of the job and the own row where the application names neither of the job', async () => {
    const context = contextOver({
      '/applications': [row({ job_interview_stage_id: undefined })],
      '/application_stages': [
        { id: 1, application_id: 880001, job_interview_stage_id: 720001, entered_at: null, current: true },
        { id: 99120007, application_id: 880001, job_interview_stage_id: 720002, entered_at: null, current: true },
      ],
    });
    expect(await stageChanges.read(context, APPLICATION)).toMatchObject({
      status: 'active',
      stageRemoteId: '720002',
      guard: { jobStage: '720002', applicationStage: '99120007' },
    });
  });

  it('says the reason of the last rejection, and asks for it only where it may', async () => {
    const lists = {
      '/applications': [row({ status: 'rejected', stage_id: null, job_interview_stage_id: null })],
      '/rejection_details': [
        { id: 1, application_id: 880001, rejection_reason_id: 71, rejected_at: '2026-03-01T00:00:00Z' },
        { id: 2, application_id: 880001, rejection_reason_id: 72, rejected_at: '2026-03-02T00:00:00Z' },
      ],
    };
    expect(await stageChanges.read(contextOver(lists), APPLICATION)).toMatchObject({
      status: 'rejected',
      reasonRemoteId: '72',
    });
    const narrow = contextOver(lists, { scopes: ['harvest:applications:list'] });
    expect(await stageChanges.read(narrow, APPLICATION)).toMatchObject({ reasonRemoteId: null });
    expect(narrow.sent).toHaveLength(1);
  });

  it('takes an answer about another application for no answer', async () => {
    const context = contextOver({ '/applications': [row({ id: 5 })] });
    await expect(stageChanges.read(context, APPLICATION)).rejects.toMatchObject({ code: 'unexpected-shape' });
  });
});

describe('moving an application', () => {
  it('names the stage that it comes from by the id that the options say', async () => {
    const lists = { '/applications': [row()] };
    expect(await send(contextOver(lists), MOVE)).toEqual([{ from_stage_id: 720002, to_stage_id: 720003 }]);
    expect(await send(contextOver(lists, { config: { moveFromStage: 'application-stage' } }), MOVE)).toEqual([
      { from_stage_id: 99120007, to_stage_id: 720003 },
    ]);
  });

  it.each<[Move, string]>([
    [MOVE, 'in no stage'],
    [{ kind: 'reject', reasonRemoteId: null, note: null }, 'only with a reason'],
    [{ kind: 'reject', reasonRemoteId: 'none', note: null }, 'no id'],
    [{ kind: 'hire', reasonRemoteId: null, startsOn: 'soon' }, '2026-05-04'],
  ])('as %j is refused before anything is sent when it cannot be: %s', async (move, sentence) => {
    const context = contextOver({
      '/applications': [row({ stage_id: null, job_interview_stage_id: null, stage_name: null })],
    });
    await expect(send(context, move)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(sentence),
    });
    expect(context.sent.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says to a recruiter what a refusal means, and to an administrator which option to look at', async () => {
    const write = { status: 422, body: { errors: [{ from_stage_id: 'is stale for ines@example.test' }] } };
    const work = send(contextOver({ '/applications': [row()] }, { write }), MOVE);
    await expect(work).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/did not move the application \(it objects to from_stage_id\).*moveFromStage/),
    });
    await expect(work).rejects.not.toThrow('ines');
  });

  it('needs its scope and says which before it asks', async () => {
    const context = contextOver({ '/applications': [row()] }, { scopes: ['harvest:applications:list'] });
    await expect(send(context, MOVE)).rejects.toMatchObject({
      code: 'forbidden-scope',
      message: expect.stringContaining('harvest:applications:move'),
    });
    expect(context.sent.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('hiring', () => {
  const opening = (id: number, fields: object = {}) => ({
    id,
    application_id: null,
    open: true,
    sort_order: id,
    ...fields,
  });
  const lists = (...openings: readonly object[]) => ({ '/applications': [row()], '/openings': openings });

  it('leaves the opening to Greenhouse when there is no choice, and takes the one that is the application’s', async () => {
    expect(await send(contextOver(lists(opening(9001))), HIRE)).toEqual([{}]);
    expect(await send(contextOver(lists(opening(9001), opening(9002, { application_id: 880001 }))), HIRE)).toEqual([
      { opening_id: 9002 },
    ]);
  });

  it('asks a person which of several openings it is, unless the options say the first', async () => {
    const several = lists(opening(9002), opening(9001), opening(9000, { open: false }));
    const context = contextOver(several);
    await expect(send(context, HIRE)).rejects.toThrow(/2 open openings.*openingOnHire/);
    expect(context.sent.every(({ method }) => method === 'GET')).toBe(true);
    expect(await send(contextOver(several, { config: { openingOnHire: 'first' } }), HIRE)).toEqual([
      { opening_id: 9001 },
    ]);
  });
});

describe('the reasons', () => {
  it('are Greenhouse’s own too, each once', async () => {
    const reason = { id: 71, name: 'Lacking skill(s)' };
    const context = contextOver({ '/rejection_reasons': [reason, { id: 72, name: null }, reason] });
    expect(await stageChanges.reasons(context)).toEqual([{ remoteId: '71', name: 'Lacking skill(s)', of: 'reject' }]);
    expect(context.sent[0]?.query.get('include_defaults')).toBe('true');
  });
});
