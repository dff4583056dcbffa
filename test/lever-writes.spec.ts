import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lever } from '@elly/ats-integration/providers/lever';
import { createProviderContext, readStream } from '@elly/ats-integration/testing';
import type { Responder } from '@elly/ats-integration/testing';
import { createSandbox } from '@elly/ats-sandbox';

const CLIENT = { clientId: 'writing-lever', clientSecret: 'writing-lever-secret' };
const REDIRECT = 'http://localhost:3000/api/ats/oauth/callback/lever';
const sandbox = createSandbox();
const account = sandbox.accounts.create({ provider: 'lever', seed: 5, candidates: 60, knobs: { rateLimit: 'off' } });
const { stageChanges, fieldChanges } = lever;
const contextOver = (config: unknown, respond: Responder) =>
  createProviderContext({ provider: lever, config, respond });
let context: ReturnType<typeof contextOver>;

beforeAll(async () => {
  const { url } = await sandbox.listen();
  sandbox.clients.register({ provider: 'lever', ...CLIENT, redirectUris: [REDIRECT] });
  const config = { ...CLIENT, apiUrl: `${url}/lever`, authUrl: `${url}/lever-auth` };
  const token = await signIn(config.authUrl, lever.config.parse(config));
  const respond: Responder = async ({ method, url: address, json }) => {
    // No connection is kept: the sandbox closes idle ones, and a write is not sent again by itself.
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const answer = await fetch(address, { method, headers, ...body });
    return { status: answer.status, text: await answer.text() };
  };
  context = contextOver(config, respond);
});
afterAll(() => sandbox.close());

describe('Lever, written to over HTTP', () => {
  it('moves an opportunity through every move and reads each back as it stands', async () => {
    if (stageChanges === undefined) throw new Error('Lever moves nothing.');
    const application = await anApplication();
    const [user] = (await readStream(lever, context, 'users')).flatMap((page) => page.records);
    const reasons = await stageChanges.reasons(context);
    const reason = reasons.find(({ of }) => of === 'reject')?.remoteId ?? null;
    const steps = [
      [{ kind: 'stage', stageRemoteId: 'offer' }, 'active'],
      [{ kind: 'reject', reasonRemoteId: reason, note: null }, 'rejected'],
      // Goes through and leaves it archived.
      [{ kind: 'stage', stageRemoteId: 'applicant-new' }, 'rejected'],
      [{ kind: 'unreject' }, 'active'],
      [{ kind: 'hire', reasonRemoteId: null, startsOn: null }, 'hired'],
    ] as const;
    for (const [move, status] of steps) {
      const from = await stageChanges.read(context, application);
      if (from === null) throw new Error('The opportunity is gone.');
      await stageChanges.send(context, application, from, move, user?.remoteId ?? null);
      const state = await stageChanges.read(context, application);
      expect(state).toMatchObject({ status, ...(move.kind === 'stage' ? { stageRemoteId: move.stageRemoteId } : {}) });
    }
    const [page] = await readStream(lever, context, 'opportunities', ids(application.remoteId));
    const candidate = page?.records.find((record) => record.kind === 'candidate');
    expect(candidate).toMatchObject({ name: expect.stringMatching(/\S/) });
  });

  it('says of an unknown stage, user or opportunity what is unknown', async () => {
    if (stageChanges === undefined) throw new Error('Lever moves nothing.');
    const application = await anApplication();
    const from = await stageChanges.read(context, application);
    if (from === null) throw new Error('The opportunity is gone.');
    const send = (stageRemoteId: string, actor: string | null, remoteId = application.remoteId) =>
      stageChanges.send(context, { ...application, remoteId }, from, { kind: 'stage', stageRemoteId }, actor);
    await expect(send('nowhere', null)).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(send('offer', 'nobody')).rejects.toMatchObject({ code: 'invalid-request' });
    await expect(send('offer', null, 'no-such-opportunity')).rejects.toMatchObject({ code: 'not-found' });
    expect(await stageChanges.read(context, { ...application, remoteId: 'none' })).toBeNull();
  });

  it('changes a contact and loses nothing else of it', async () => {
    if (fieldChanges === undefined) throw new Error('Lever writes no fields.');
    const { candidateRemoteId } = await anApplication();
    const before = await fieldChanges.read(context, candidateRemoteId);
    if (before === null) throw new Error('The contact is gone.');
    const changes = { headline: 'Weaver', phones: [{ value: '+351 000 000 009', type: 'home' }] };
    await fieldChanges.write(context, candidateRemoteId, before, changes);
    const after = await fieldChanges.read(context, candidateRemoteId);
    expect(after?.record).toEqual({ ...before.record, ...changes });
  });

  it('lists an opportunity that was deleted as gone', async () => {
    const { remoteId } = await anApplication();
    account.change({ operations: [{ op: 'delete-application', application: remoteId }] });
    const pages = await readStream(lever, context, 'deleted-opportunities');
    expect(pages.flatMap((page) => page.gone ?? [])).toContainEqual(
      expect.objectContaining({ kind: 'application', remoteId, tombstone: 'deleted' }),
    );
    expect(await readStream(lever, context, 'deleted-postings')).toHaveLength(1);
  });
});

const ids = (remoteId: string) => ({ mode: 'ids', remoteIds: [remoteId] }) as const;

/** Somebody's active application, with an address and a number. */
async function anApplication() {
  const records = (await readStream(lever, context, 'opportunities')).flatMap((page) => page.records);
  const people = new Map(
    records.flatMap((record) =>
      record.kind === 'candidate' && record.emails.length * record.phones.length > 0 ? [[record.remoteId, record]] : [],
    ),
  );
  const found = records.find(
    (record) => record.kind === 'application' && record.status === 'active' && people.has(record.candidateRemoteId),
  );
  if (found?.kind !== 'application') throw new Error('There is no active application.');
  const { remoteId, candidateRemoteId, jobRemoteId } = found;
  return { remoteId, candidateRemoteId, jobRemoteId };
}

/** As a Super Admin does it on the consent page. */
async function signIn(authUrl: string, config: ReturnType<typeof lever.config.parse>): Promise<string> {
  if (lever.auth.kind !== 'oauth2') throw new Error('Lever authorises with OAuth.');
  const consent = new URLSearchParams({
    client_id: CLIENT.clientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    state: 'state-1',
    scope: lever.auth.scopes(config).join(' '),
    ...lever.auth.authorizeParameters?.(config),
    decision: 'approve',
    account: account.id,
  });
  const approved = await fetch(`${authUrl}/authorize`, { method: 'POST', body: consent, redirect: 'manual' });
  const code = new URL(approved.headers.get('location') ?? 'none:').searchParams.get('code');
  const exchange = new URLSearchParams({
    grant_type: 'authorization_code',
    code: code ?? '',
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
    redirect_uri: REDIRECT,
  });
  const answer = await fetch(`${authUrl}/oauth/token`, { method: 'POST', body: exchange });
  return lever.auth.parseToken(await answer.json(), new Date()).accessToken;
}
