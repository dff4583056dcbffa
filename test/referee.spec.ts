import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Browser } from '../apps/demo/src/browser.js';
import type { EllyClient, Run } from '../apps/demo/src/elly-client.js';
import { ProviderSessions } from '../libs/ats-integration/src/connections/provider-sessions.js';
import { RefereeHost } from './referee/referee-host.js';
import { CANDIDATES, JOBS } from './referee/resource-api.js';
import { begin, beginAgain, connect, signIn } from './referee/sign-in.js';

interface ConnectionView {
  readonly status: string;
  readonly scopes: readonly string[];
  readonly records: { readonly jobs: number; readonly candidates: number };
  readonly issues: readonly { readonly code: string }[];
}

const MINUTE = 60_000;
/** A token that has less than this left is renewed before it is used. */
const MARGIN_SECONDS = 60;

describe('against an authorization server that is not ours', () => {
  let host: RefereeHost;
  let ann: EllyClient;
  let people = 0;

  beforeAll(async () => {
    // The server says that its store is in memory; that is what is wanted here.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    host = await RefereeHost.start();
  }, MINUTE);
  afterAll(() => host.stop());
  beforeEach(() => {
    ann = host.person(`ann-${(people += 1)}`);
    host.referee.accessTokenSeconds = 3600;
    host.referee.tokenRequests.length = 0;
    host.referee.refreshTokens.length = 0;
  });

  const view = (connection: string): Promise<ConnectionView> => ann.get(`/api/ats/connections/${connection}`);
  const lastRun = async (connection: string): Promise<Run> => {
    for (;;) {
      const [run] = await ann.runs(connection);
      if (run !== undefined && run.status !== 'queued' && run.status !== 'running') return run;
      await sleep(50);
    }
  };
  const sync = async (connection: string): Promise<Run> => {
    await ann.send('POST', `/api/ats/connections/${connection}/sync-runs/incremental`);
    return lastRun(connection);
  };
  const connected = async (): Promise<string> => {
    const connection = await connect(ann, `account-${people}`);
    expect((await lastRun(connection)).status).toBe('completed');
    return connection;
  };
  const statuses = async (): Promise<string[]> => {
    const rows = await host.database.rows<{ status: string }>(
      `select status from ats.connections where created_by = $1 order by created_at`,
      [`ann-${people}`],
    );
    return rows.map(({ status }) => status);
  };

  it('connects with a code and PKCE, imports, and says what was granted', async () => {
    const { authorizeUrl } = await begin(ann);
    expect(Object.fromEntries(new URL(authorizeUrl).searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const callback = await signIn(ann.browser, authorizeUrl);
    expect(callback.searchParams.get('iss')).toBe(host.referee.url);
    const connection = (await ann.returnFrom(callback.href)).get('connection') ?? '';
    expect((await lastRun(connection)).status).toBe('completed');
    expect(await view(connection)).toMatchObject({
      status: 'active',
      records: { jobs: JOBS, candidates: CANDIDATES },
      issues: [],
    });
    expect(host.referee.tokenRequests).toEqual([{ grant: 'authorization_code', refusal: null }]);
  });

  it('renews an access token before it expires, exactly once, and keeps the new refresh token', async () => {
    host.referee.accessTokenSeconds = MARGIN_SECONDS + 3;
    const connection = await connected();
    const refreshed = host.referee.requests('refresh_token').length;
    host.referee.accessTokenSeconds = 3600;
    await sleep(3500);
    expect((await sync(connection)).status).toBe('completed');
    expect(host.referee.requests('refresh_token')).toHaveLength(refreshed + 1);
    await host.referee.expireAccessTokens();
    expect((await sync(connection)).status).toBe('completed');
    expect(host.referee.requests('refresh_token')).toHaveLength(refreshed + 2);
    expect(host.referee.reuses).toBe(0);
  });

  it('goes on over access tokens that live two seconds, with a new refresh token each time', async () => {
    host.referee.accessTokenSeconds = 2;
    const connection = await connected();
    for (let round = 0; round < 3; round += 1) {
      await sleep(2100);
      expect((await sync(connection)).status).toBe('completed');
    }
    expect(await view(connection)).toMatchObject({ status: 'active', records: { candidates: CANDIDATES } });
    expect(host.referee.requests('refresh_token').length).toBeGreaterThanOrEqual(3);
    expect(host.referee.tokenRequests.filter(({ refusal }) => refusal !== null)).toEqual([]);
  });

  it('refreshes once when the token expires under twenty requests of a page', async () => {
    const connection = await connected();
    const { answers } = host.referee.api;
    const refused = answers[401] ?? 0;
    host.referee.expireAfter = '/api/candidates';
    expect((await sync(connection)).status).toBe('completed');
    expect((answers[401] ?? 0) - refused).toBe(20);
    expect(host.referee.requests('refresh_token')).toEqual([{ grant: 'refresh_token', refusal: null }]);
  });

  it('refreshes once when twenty requests over two more hosts find the token expired (ASVS 15.4.2)', async () => {
    const connection = await connected();
    const hosts = [await host.another(), await host.another()];
    const sessions = hosts.map((app) => app.get(ProviderSessions, { strict: false }));
    const target = { id: connection, provider: 'referee', epoch: 1, remoteAccountId: null, scopes: [] };
    const ask = async (through: ProviderSessions): Promise<number> => {
      const { context } = through.open(target, AbortSignal.timeout(20_000));
      return (await context.http.request({ path: '/me' })).status;
    };
    for (let round = 1; round <= 5; round += 1) {
      await host.referee.expireAccessTokens();
      const crowd = Array.from({ length: 10 }, () => sessions).flat();
      expect(await Promise.all(crowd.map(ask))).toEqual(crowd.map(() => 200));
      expect(host.referee.requests('refresh_token')).toHaveLength(round);
    }
    expect(host.referee.reuses).toBe(0);
    expect((await sync(connection)).status).toBe('completed');
  });

  it('asks for a new sign-in when the grant was withdrawn, and keeps what was imported', async () => {
    const connection = await connected();
    await host.referee.withdrawGrant();
    expect(await sync(connection)).toMatchObject({ status: 'failed', fault: { code: 'auth-revoked' } });
    expect(await view(connection)).toMatchObject({
      status: 'reconnect_required',
      records: { jobs: JOBS, candidates: CANDIDATES },
      issues: [{ code: 'reconnect-required' }],
    });
    expect(host.referee.requests('refresh_token')).toHaveLength(1);
  });

  it('asks for a new sign-in when somebody else used its refresh token and the server ended the grant', async () => {
    const connection = await connected();
    const stolen = host.referee.refreshTokens.at(-1) ?? '';
    expect(await host.referee.present(stolen)).toBeNull();
    await host.referee.expireAccessTokens();
    expect((await sync(connection)).status).toBe('failed');
    // The referee watches: this is what a refresh that is sent twice looks like, and the tests above see none.
    expect(host.referee.reuses).toBe(1);
    expect((await view(connection)).status).toBe('reconnect_required');
  });

  describe('after the grant was withdrawn', () => {
    let connection: string;
    let dead: string;
    let charged: number;

    beforeEach(async () => {
      connection = await connected();
      dead = host.referee.refreshTokens.at(-1) ?? '';
      charged = host.ledger.keys.size;
      await host.referee.withdrawGrant();
      await sync(connection);
      expect((await view(connection)).status).toBe('reconnect_required');
    });

    const signInAgain = async (account: string): Promise<URLSearchParams> => {
      const { authorizeUrl } = await beginAgain(ann, connection);
      // The authorization server has forgotten who signed in last.
      const callback = await signIn(new Browser(), authorizeUrl, { decision: 'approve', account });
      return ann.returnFrom(callback.href);
    };

    it('goes on with the same connection when the person signs in again, at no cost', async () => {
      expect((await signInAgain(`account-${people}`)).get('connection')).toBe(connection);
      expect(await lastRun(connection)).toMatchObject({ status: 'completed', kind: 'incremental' });
      expect(await view(connection)).toMatchObject({
        status: 'active',
        records: { jobs: JOBS, candidates: CANDIDATES },
        issues: [],
      });
      expect(host.ledger.keys.size).toBe(charged);
      expect(await host.referee.present(dead)).toBe('invalid_grant');
      await host.referee.expireAccessTokens();
      expect((await sync(connection)).status).toBe('completed');
    });

    it('changes nothing when the person signs in to another account', async () => {
      expect((await signInAgain('somewhere-else')).get('error')).toBe('different-account');
      expect((await view(connection)).status).toBe('reconnect_required');
      expect((await signInAgain(`account-${people}`)).get('connection')).toBe(connection);
    });

    it('changes nothing when the person refuses', async () => {
      const { authorizeUrl } = await beginAgain(ann, connection);
      const callback = await signIn(new Browser(), authorizeUrl, { decision: 'deny' });
      expect((await ann.returnFrom(callback.href)).get('error')).toBe('access-denied');
      expect((await view(connection)).status).toBe('reconnect_required');
    });
  });

  describe('when the person disconnects', () => {
    let connection: string;
    let refreshToken: string;

    beforeEach(async () => {
      connection = await connected();
      refreshToken = host.referee.refreshTokens.at(-1) ?? '';
      host.referee.revocations.length = 0;
    });
    const disconnect = (): Promise<void> => ann.send('DELETE', `/api/ats/connections/${connection}`);
    const revoked = async (): Promise<void> => {
      // Grants of sign-ins that came to nothing before go back at the same time.
      const asked = () => host.referee.revocations.filter((token) => token === refreshToken).length;
      for (const end = Date.now() + 20_000; asked() === 0 && Date.now() < end;) await sleep(50);
      expect(asked()).toBe(1);
    };

    it('gives the refresh token back, and the whole grant with it (RFC 7009)', async () => {
      await disconnect();
      await revoked();
      expect(await host.referee.present(refreshToken)).toBe('invalid_grant');
      expect(host.referee.requests('refresh_token')).toHaveLength(1);
      const asked = host.referee.api.answers[200];
      await expect(sync(connection)).rejects.toThrow(/answered 4/);
      expect(host.referee.api.answers[200]).toBe(asked);
    });

    it('keeps what was imported and no credentials', async () => {
      await disconnect();
      await revoked();
      expect(await view(connection)).toMatchObject({
        status: 'disconnected',
        records: { jobs: JOBS, candidates: CANDIDATES },
      });
      const sealed = await host.database.value<string | null>(
        `select sealed_credentials from ats.connections where id = $1`,
        [connection],
      );
      expect(sealed).toBeNull();
    });

    it('finds the records again when the same account is connected later', async () => {
      await disconnect();
      await revoked();
      expect(await connect(ann, `account-${people}`)).toBe(connection);
      expect((await lastRun(connection)).status).toBe('completed');
      expect(await view(connection)).toMatchObject({ status: 'active', records: { candidates: CANDIDATES } });
      expect((await statuses()).filter((status) => status === 'active')).toHaveLength(1);
    });

    it('disconnects what has no living grant any more, too', async () => {
      await host.referee.withdrawGrant();
      await sync(connection);
      await disconnect();
      expect((await view(connection)).status).toBe('disconnected');
    });
  });

  it('takes nothing from a browser that did not begin the sign-in, whoever is signed in there', async () => {
    const callback = await signIn(ann.browser, (await begin(ann)).authorizeUrl);
    const elsewhere = await host.person(`ann-${people}`).returnFrom(callback.href);
    expect(elsewhere.get('error')).toBe('connect-state-invalid');
    expect(host.referee.tokenRequests).toEqual([]);
    expect((await ann.returnFrom(callback.href)).get('connection')).not.toBeNull();
  });

  describe('connects nothing and gives the credit back', () => {
    const expectNothing = async (end: URLSearchParams, error: string): Promise<void> => {
      expect([end.get('connection'), end.get('error')]).toEqual([null, error]);
      expect(await statuses()).toEqual(['disconnected']);
      expect(host.ledger.count('reserved')).toBe(0);
    };

    it('for the code of another session, which PKCE does not let pass (ASVS 10.2.1)', async () => {
      const victim = host.person('victim');
      const theirs = await signIn(victim.browser, (await begin(victim)).authorizeUrl);
      const ours = await signIn(ann.browser, (await begin(ann)).authorizeUrl);
      ours.searchParams.set('code', theirs.searchParams.get('code') ?? '');
      const end = await ann.returnFrom(ours.href);
      expect(host.referee.tokenRequests).toEqual([
        { grant: 'authorization_code', refusal: expect.stringMatching(/^invalid_grant: code_verifier/) },
      ]);
      expect((await victim.returnFrom(theirs.href)).get('connection')).not.toBeNull();
      await expectNothing(end, 'auth-revoked');
    });

    it.each([
      ['names another server (RFC 9207, ASVS 10.2.2)', 'https://attacker.example'],
      ['does not name the server', null],
    ])('for an answer that %s', async (_, issuer) => {
      const callback = await signIn(ann.browser, (await begin(ann)).authorizeUrl);
      if (issuer === null) callback.searchParams.delete('iss');
      else callback.searchParams.set('iss', issuer);
      await expectNothing(await ann.returnFrom(callback.href), 'wrong-issuer');
      expect(host.referee.tokenRequests).toEqual([]);
    });

    it('when the person refuses', async () => {
      const callback = await signIn(ann.browser, (await begin(ann)).authorizeUrl, { decision: 'deny' });
      expect(callback.searchParams.get('error')).toBe('access_denied');
      const end = await ann.returnFrom(callback.href);
      await expectNothing(end, 'access-denied');
      expect(host.referee.tokenRequests).toEqual([]);
    });

    it('for an answer without a code', async () => {
      const callback = await signIn(ann.browser, (await begin(ann)).authorizeUrl);
      callback.searchParams.delete('code');
      await expectNothing(await ann.returnFrom(callback.href), 'authorisation-failed');
      expect(host.referee.tokenRequests).toEqual([]);
    });
  });

  it('takes a callback that comes twice for one connect, and asks for one token', async () => {
    const callback = await signIn(ann.browser, (await begin(ann)).authorizeUrl);
    const ends = [await ann.returnFrom(callback.href), await ann.returnFrom(callback.href)];
    expect(ends.map((end) => end.get('error'))).toEqual([null, 'connect-state-invalid']);
    expect(await statuses()).toEqual(['active']);
    expect(host.referee.tokenRequests).toEqual([{ grant: 'authorization_code', refusal: null }]);
  });
});
