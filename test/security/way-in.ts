import { describe, expect, it } from '@jest/globals';
import { runElly } from '../../apps/elly/src/testing/running-elly.js';
import { ADA } from './scene.js';
import type { Scene } from './scene.js';

const SETTINGS = '/settings/integrations';

/** What holds for the way in, whichever ATS it is. */
export function describeWayIn(scene: () => Scene): void {
  describe('the way in', () => {
    it("shows no text of the attacker's choice for an ATS that is none, and writes no line into the log (ASVS 16.4.1)", async () => {
      const lines = scene().log.length;
      for (const name of [
        'Call%200800%20now%0AERROR%20forged',
        '__proto__',
        'constructor',
        '%00',
        'a%2Fb',
        '..%2F..%2Fx',
      ]) {
        const reply = await scene().ask('GET', `/ats/oauth/callback/${name}?state=x&code=y`);
        expect(reply.location).toMatch(
          new RegExp(`^${scene().publicUrl}${SETTINGS}\\?error=unknown-provider&message=There\\+is\\+no`),
        );
        expect(decodeURIComponent(reply.location ?? '')).not.toMatch(/0800|proto|constructor/);
      }
      const written = scene()
        .log.slice(lines)
        .filter((line) => line.includes('AtsConnect'))
        // The request's own path stands beside the message, percent-encoded as it came: it cannot begin a line.
        .map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
      expect(written.length).toBe(6);
      expect(written.join('')).not.toMatch(/0800|forged|proto/);
    });

    it('answers an address that cannot be read with a problem', async () => {
      const reply = await scene().ask('GET', '/ats/oauth/callback/%zz?state=x');
      expect(reply).toMatchObject({ status: 400, type: 'application/problem+json' });
    });

    it('binds a sign-in to its browser by a cookie that no script reads and no other site sends (ASVS 3.3.2, 3.3.4)', async () => {
      const reply = await scene().ask('POST', '/ats/connections', { body: JSON.stringify({ provider: 'lever' }) });
      expect(reply.headers['set-cookie']).toMatch(
        /^ats-sign-in=[\w-]{43}; Max-Age=1800; Path=\/; HttpOnly; SameSite=Lax$/i,
      );
    });

    it('has over https a cookie that goes nowhere else and that no sister domain can plant (ASVS 3.3.1, 3.3.3)', async () => {
      const https = await runElly({
        PUBLIC_URL: 'https://elly.example',
        LEVER_CLIENT_ID: 'a',
        LEVER_CLIENT_SECRET: 'b',
      });
      try {
        const begun = await https.request('POST', '/ats/connections', { provider: 'lever' });
        const cookie = begun.headers.get('set-cookie');
        expect(cookie).toMatch(
          /^__Host-ats-sign-in=[\w-]{43}; Max-Age=1800; Path=\/; HttpOnly; Secure; SameSite=Lax$/i,
        );
        const { authorizeUrl } = begun.body as { authorizeUrl: string };
        const { searchParams } = new URL(authorizeUrl);
        expect(searchParams.get('redirect_uri')).toBe('https://elly.example/api/ats/oauth/callback/lever');
        const planted = /=([\w-]{43})/.exec(cookie ?? '')?.[1] ?? '';
        const end = await https.request(
          'GET',
          `/ats/oauth/callback/lever?code=x&state=${searchParams.get('state') ?? ''}`,
          undefined,
          {
            'x-elly-user': ADA,
            cookie: `ats-sign-in=${planted}`,
          },
        );
        expect(end.headers.get('location')).toMatch(
          /^https:\/\/elly\.example\/settings\/integrations\?error=connect-state-invalid&/,
        );
      } finally {
        await https.stop();
      }
    });

    it.each([
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 201],
      ['none', 201],
    ])('is begun by Elly only: a request that the browser calls %s (ASVS 3.5.1)', async (site, status) => {
      const reply = await scene().ask('POST', '/ats/connections', {
        headers: { 'sec-fetch-site': site },
        body: JSON.stringify({ provider: 'lever' }),
      });
      expect(reply.status).toBe(status);
    });
  });
}
