import { request as rawRequest } from 'node:http';
import type { ProviderId, SimulatedAccount } from '@elly/ats-sandbox';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ADA, BEN, EVE, endOf } from './scene.js';
import type { Begun, Reply, Scene } from './scene.js';

const SETTINGS = '/settings/integrations';
const OTHER: Readonly<Record<ProviderId, ProviderId>> = { greenhouse: 'lever', lever: 'greenhouse' };
/** What an attacker would like to be read, or to be believed. */
const BAIT = 'https://attacker.example/call-0800-now';

/** RFC 9700 against both ATSs. Neither takes PKCE: state, user and browser have to hold. */
export function describeSignInAttacks(provider: ProviderId, scene: () => Scene): void {
  describe(`a sign-in at ${provider} (RFC 9700)`, () => {
    let account: SimulatedAccount;
    let ada: Begun;
    let code: string;

    beforeEach(async () => {
      account = scene().account(provider, 3);
      ada = await scene().begin(ADA, provider);
      code = await scene().approve(ada, account);
    });

    const active = async (): Promise<string[]> =>
      (await scene().sql<{ id: string }>(`select id from ats.connections where status = 'active' order by id`)).map(
        ({ id }) => id,
      );
    const bring = (
      query: string | Readonly<Record<string, string>>,
      asking: { user?: string | null; browser?: string | null } = {},
    ): Promise<Reply> => scene().callback(provider, query, { user: ADA, browser: ada.browser, ...asking });
    /** It leads to the settings page, connects nothing, and the code stays where it is. */
    const expectRefused = async (attempt: () => Promise<Reply>, error = 'connect-state-invalid'): Promise<void> => {
      const [before, exchanges] = [await active(), scene().exchanges(account)];
      const reply = await attempt();
      expect(reply.status).toBe(302);
      expect(new URL(reply.location ?? '').origin + new URL(reply.location ?? '').pathname).toBe(
        `${scene().publicUrl}${SETTINGS}`,
      );
      expect([endOf(reply).get('error'), endOf(reply).get('connection')]).toEqual([error, null]);
      expect(await active()).toEqual(before);
      expect(scene().exchanges(account)).toBe(exchanges);
    };
    /** The attack cost the victim nothing. */
    const expectStillGood = async (): Promise<void> => {
      const connection = endOf(await bring({ code, state: ada.state })).get('connection');
      expect(connection).toBe(ada.connectionId);
      await scene().json('DELETE', `/ats/connections/${ada.connectionId}`);
    };

    it('takes a state once (ASVS 10.1.2)', async () => {
      await expectStillGood();
      await expectRefused(() => bring({ code, state: ada.state }));
      const again = await scene().begin(ADA, provider, { browser: ada.browser });
      await expectRefused(() => bring({ code: 'another', state: ada.state }));
      expect(again.state).not.toBe(ada.state);
    });

    it('takes nothing from another user of the workspace, though the browser be the same (ASVS 10.1.2, 10.2.1)', async () => {
      await expectRefused(() => bring({ code, state: ada.state }, { user: BEN }));
      await expectStillGood();
    });

    it("takes nothing from another workspace's user (ASVS 8.4.1, 10.2.1)", async () => {
      await expectRefused(() => bring({ code, state: ada.state }, { user: EVE }));
      await expectStillGood();
    });

    it.each([
      ['without its cookie', null],
      ["with another browser's cookie", 'x'.repeat(43)],
      ['with a cookie that is none', '%00'],
    ])('takes nothing from a browser %s, though the same user be signed in (ASVS 10.2.1)', async (_, browser) => {
      await expectRefused(() => bring({ code, state: ada.state }, { browser }));
      await expectStillGood();
    });

    it('takes nothing from nobody, and the refusal leaves no trace of the address (ASVS 8.3.1)', async () => {
      const reply = await bring({ code, state: ada.state }, { user: null });
      expect(reply).toMatchObject({ status: 401, type: 'application/problem+json', location: null });
      expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      await expectStillGood();
    });

    it("connects no victim to the attacker's account: code and state of the attacker, brought by the victim (login CSRF, ASVS 10.2.1)", async () => {
      const attacker = await scene().begin(EVE, provider);
      const theirs = await scene().approve(attacker, account);
      await expectRefused(() => bring({ code: theirs, state: attacker.state }));
      await expectRefused(() => bring({ code: theirs, state: attacker.state }, { browser: null }));
      await expectStillGood();
    });

    it("takes no answer at the other ATS's address (mix-up, ASVS 10.2.2)", async () => {
      await expectRefused(() =>
        scene().callback(OTHER[provider], { code, state: ada.state }, { browser: ada.browser }),
      );
      await expectStillGood();
    });

    it("does not give another ATS's code to this one's token endpoint (mix-up, ASVS 10.2.2)", async () => {
      const elsewhere = scene().account(OTHER[provider], 3);
      const there = await scene().begin(ADA, OTHER[provider], { browser: ada.browser });
      const foreign = await scene().approve(there, elsewhere);
      await expectRefused(() => bring({ code: foreign, state: there.state }));
      expect(scene().exchanges(elsewhere)).toBe(0);
    });

    it.each([
      ['another issuer', { iss: BAIT }, 'wrong-issuer'],
      ['an error beside the code', { error: 'access_denied' }, 'access-denied'],
    ])(
      'exchanges no code of an answer with %s, though its state be good (RFC 9207, ASVS 10.2.2)',
      async (_, more, error) => {
        const before = { exchanges: scene().exchanges(account), active: await active() };
        const reply = await bring({ code, state: ada.state, ...more });
        expect(endOf(reply).get('error')).toBe(error);
        expect({ exchanges: scene().exchanges(account), active: await active() }).toEqual(before);
      },
    );

    it('takes no code that was used already, whoever brings it with a state of their own (ASVS 10.1.2)', async () => {
      await expectStillGood();
      const eve = await scene().begin(EVE, provider);
      const before = await active();
      const reply = await scene().callback(provider, { code, state: eve.state }, { user: EVE, browser: eve.browser });
      expect(endOf(reply).get('error')).toBe('auth-revoked');
      expect(await active()).toEqual(before);
    });

    it('takes no state that has expired (ASVS 10.1.2)', async () => {
      await scene().expire(ada);
      await expectRefused(() => bring({ code, state: ada.state }));
    });

    it.each([
      ['an error with a state that was made up', { error: 'access_denied', state: 'made-up' }, 'connect-state-invalid'],
      ['a code with a state that was made up', { code: 'made-up', state: 'x'.repeat(43) }, 'connect-state-invalid'],
      ['an error without a state', { error: 'server_error' }, 'invalid-request'],
      ['nothing', {}, 'invalid-request'],
      ['NUL', { code: 'a\0b', state: 'c\0d' }, 'invalid-request'],
      ['a huge state', { code: 'x', state: 'x'.repeat(5000) }, 'invalid-request'],
      ['a huge code', { code: 'x'.repeat(5000), state: 'x'.repeat(43) }, 'invalid-request'],
      [
        'an error of lines and markup',
        { error: `a\r\nSet-Cookie: a=b\r\n\r\n<script>${BAIT}`, state: 'x' },
        'connect-state-invalid',
      ],
      [
        'a description',
        { error: 'x', error_description: BAIT, error_uri: BAIT, message: BAIT, state: 'x' },
        'connect-state-invalid',
      ],
      ['an issuer with a state that was made up', { iss: BAIT, code: 'x', state: 'x' }, 'connect-state-invalid'],
      [
        'an address to go to',
        { redirect_uri: BAIT, returnPath: BAIT, next: BAIT, state: 'x' },
        'connect-state-invalid',
      ],
    ])('is not ended by %s, nor does the settings page repeat it (ASVS 10.2.1)', async (_, query, error) => {
      let reply: Reply | undefined;
      await expectRefused(async () => (reply = await bring(query)), error);
      const read = `${decodeURIComponent(reply?.location ?? '')} ${reply?.text ?? ''} ${JSON.stringify(reply?.headers)}`;
      expect(read).not.toMatch(/attacker|script|made-up|set-cookie: a/i);
      await expectStillGood();
    });

    it.each([
      ['state', (state: string) => `code=a&state=${state}&state=${state}`],
      ['a state of another kind', (state: string) => `code=a&state[]=${state}`],
      ['code', (state: string) => `code=a&code=b&state=${state}`],
      ['error', (state: string) => `error=a&error=b&state=${state}`],
      ['issuer', (state: string) => `iss=a&iss=b&code=a&state=${state}`],
    ])('takes no parameter that comes twice: %s (RFC 6749 §3.1)', async (_, query) => {
      await expectRefused(
        () => scene().ask('GET', `/ats/oauth/callback/${provider}?${query(ada.state)}`, { browser: ada.browser }),
        'invalid-request',
      );
      await expectStillGood();
    });

    it('answers a callback so that nobody keeps it or learns of it (RFC 9700 §4.2, ASVS 14.2.1)', async () => {
      const replies = [await bring({ code: 'x', state: 'x' }), await bring({ code, state: ada.state })];
      for (const { status, headers } of replies) {
        expect(status).toBe(302);
        expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      }
      const [, done] = replies;
      expect(done?.location).toBe(`${scene().publicUrl}${SETTINGS}?connection=${ada.connectionId}`);
      await scene().json('DELETE', `/ats/connections/${ada.connectionId}`);
    });

    it('comes back to the address that the host declared, whatever the request says of hosts and paths (open redirect)', async () => {
      const headers = {
        'x-forwarded-host': 'attacker.example',
        'x-forwarded-proto': 'https',
        'x-original-url': `/${BAIT}`,
        'x-forwarded-prefix': '/attacker',
        forwarded: 'host=attacker.example',
        host: 'attacker.example',
        origin: 'https://attacker.example',
        referer: BAIT,
      };
      const callback = `${scene().publicUrl}/api/ats/oauth/callback/${provider}`;
      const begun = await scene().begin(ADA, provider, { headers });
      expect(new URL(begun.authorizeUrl).searchParams.get('redirect_uri')).toBe(callback);
      for (const path of [
        '/API/ats/Connections/',
        `/ats/../ats/connections?x=${BAIT}`,
        `http://attacker.example/api/ats/connections?`,
      ]) {
        const authorizeUrl = await begunAt(path);
        if (authorizeUrl !== null) expect(new URL(authorizeUrl).searchParams.get('redirect_uri')).toBe(callback);
      }
      const reply = await scene().ask('GET', `/ats/oauth/callback/${provider}?state=x&code=y`, { headers });
      expect(reply.location).toMatch(new RegExp(`^${scene().publicUrl}${SETTINGS}\\?error=`));
    });

    /** As a client may write the request line, which no library for clients lets through. */
    const begunAt = (path: string): Promise<string | null> => {
      const { port } = new URL(scene().running.elly.url());
      const target = path.startsWith('http') ? path : path.startsWith('/API') ? path : `/api${path}`;
      return new Promise((resolve, reject) => {
        const headers = { 'x-elly-user': ADA, 'content-type': 'application/json' };
        const sent = rawRequest({ port, path: target, method: 'POST', headers }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () =>
            resolve(answer.statusCode === 201 ? (JSON.parse(text) as { authorizeUrl: string }).authorizeUrl : null),
          );
        });
        sent.on('error', reject);
        sent.end(JSON.stringify({ provider }));
      });
    };
  });
}
