import { describe, expect, it } from '@jest/globals';
import type { Move } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext } from '../../testing/index.js';
import { lever } from './index.js';
import { stageChanges } from './stage-change.js';

const config = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder, scopes: readonly string[] = []) =>
  createProviderContext({ provider: lever, config, respond, scopes });
const application = { remoteId: 'opp/1', candidateRemoteId: 'contact-1', jobRemoteId: null };
const REASONS = [
  { id: 'hired', text: 'Hired', type: 'hired', status: 'active' },
  { id: 'timing', text: 'Timing', type: 'non-hired', status: 'active' },
  { id: 'old', text: 'Old', type: 'non-hired', status: 'inactive' },
];
/** An opportunity, the reasons, and an answer to every write. */
const account =
  (fields: object, written: Parameters<typeof answer>[0] = {}): Responder =>
  ({ method, path }) => {
    if (method !== 'GET') return answer(written);
    if (path === '/archive_reasons') return { body: { data: REASONS, hasNext: false } };
    return { body: { data: { id: 'opp/1', stage: 'applicant-new', archived: null, applications: [], ...fields } } };
  };
const answer = ({ status = 200, body = { data: {} } }: { status?: number; body?: unknown }) => ({ status, body });

async function send(move: Move, respond: Responder = account({}), actor: string | null = null) {
  const context = contextOver(respond);
  const from = await stageChanges.read(context, application);
  if (from === null) throw new Error('the opportunity is not there');
  await stageChanges.send(context, application, from, move, actor);
  return context.sent.filter(({ method }) => method !== 'GET');
}

async function faultOf(work: Promise<unknown>): Promise<ProviderFault> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProviderFault)) throw new Error('no fault was thrown');
  return error;
}

describe('where an opportunity stands', () => {
  it('is its stage and, when it is archived, what the reason means', async () => {
    const archived = (reason: string) => ({ archived: { reason, archivedAt: 1_790_000_000_000 } });
    const stage = { id: 'offer', text: 'Offer' };
    expect(await stageChanges.read(contextOver(account({ stage })), application)).toMatchObject({
      status: 'active',
      stageRemoteId: 'offer',
      stageName: 'Offer',
      reasonRemoteId: null,
    });
    expect(await stageChanges.read(contextOver(account({ stage, ...archived('old') })), application)).toMatchObject({
      status: 'rejected',
      stageRemoteId: 'offer',
      reasonRemoteId: 'old',
    });
    expect(await stageChanges.read(contextOver(account(archived('hired'))), application)).toMatchObject({
      status: 'hired',
    });
  });

  it('is not kept from a move by a name or number that reads oddly', async () => {
    const odd = account({ name: 7, emails: 'none', phones: [null] });
    expect(await stageChanges.read(contextOver(odd), application)).toMatchObject({ status: 'active' });
  });

  it('is unknown when it is confidential and confidential data was not granted', async () => {
    const refusing: Responder = () => ({ status: 403, body: { code: 'Forbidden' } });
    expect(await stageChanges.read(contextOver(refusing), application)).toBeNull();
    const granted = contextOver(refusing, ['confidential:access:admin']);
    expect((await faultOf(stageChanges.read(granted, application))).code).toBe('forbidden-scope');
  });
});

describe('a move', () => {
  it('is made in the name of the acting user, in the query, and asks for nothing else', async () => {
    const [sent] = await send({ kind: 'stage', stageRemoteId: 'offer' }, account({}), 'user-1');
    expect(`${sent?.method} ${sent?.url.pathname}${sent?.url.search}`).toBe(
      'PUT /v1/opportunities/opp%2F1/stage?perform_as=user-1',
    );
    expect(sent?.json).toEqual({ stage: 'offer' });
  });

  it('out of the archive sends the null, without which Lever does nothing', async () => {
    const [sent] = await send({ kind: 'unreject' });
    expect(JSON.stringify(sent?.json)).toBe('{"reason":null}');
    expect(sent?.url.search).toBe('');
  });

  it('to hired takes the reason that hires when none is named', async () => {
    const [sent] = await send({ kind: 'hire', reasonRemoteId: null, startsOn: null });
    expect(sent?.json).toEqual({ reason: 'hired' });
  });

  it.each<[string, Move, RegExp]>([
    ['a rejection without a reason', { kind: 'reject', reasonRemoteId: null, note: null }, /only with a reason/],
    ['a rejection that would hire', { kind: 'reject', reasonRemoteId: 'hired', note: null }, /would be hired/],
    ['a hire that would reject', { kind: 'hire', reasonRemoteId: 'timing', startsOn: null }, /would be rejected/],
    ['a reason that was switched off', { kind: 'reject', reasonRemoteId: 'old', note: null }, /switched off/],
    ['a reason that nobody knows', { kind: 'reject', reasonRemoteId: 'x', note: null }, /no longer has this archive/],
  ])('is refused before anything is sent: %s', async (_what, move, sentence) => {
    let writes = 0;
    const healthy = account({});
    const fault = await faultOf(
      send(move, (request) => {
        if (request.method !== 'GET') writes += 1;
        return healthy(request);
      }),
    );
    expect([fault.code, writes]).toEqual(['invalid-request', 0]);
    expect(fault.message).toMatch(sentence);
  });

  it.each([
    ['stages 42 was not found', 'invalid-request', /stage mapping/],
    ['users 42 was not found', 'invalid-request', /acting Lever user/],
    ['archive_reasons 42 was not found', 'invalid-request', /archive reason/],
    ['opportunities 42 was not found', 'not-found', /opportunity/],
    [undefined, 'not-found', /opportunity/],
  ])('that Lever answers with 404 "%s" is %s', async (message, code, sentence) => {
    const respond = account({}, { status: 404, body: { code: 'ResourceNotFound', message } });
    const fault = await faultOf(send({ kind: 'stage', stageRemoteId: '42' }, respond));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(sentence);
  });

  it('that needs an acting user says to set one', async () => {
    const body = { code: 'BadRequestError', message: 'Missing required parameter: perform_as' };
    const fault = await faultOf(send({ kind: 'stage', stageRemoteId: 'offer' }, account({}, { status: 400, body })));
    expect(fault.code).toBe('invalid-request');
    expect(fault.message).toContain('Set the acting Lever user');
  });
});

describe('the reasons', () => {
  it('are those that can still be chosen, by what they mean', async () => {
    expect(await stageChanges.reasons(contextOver(account({})))).toEqual([
      { remoteId: 'hired', name: 'Hired', of: 'hire' },
      { remoteId: 'timing', name: 'Timing', of: 'reject' },
    ]);
  });
});
