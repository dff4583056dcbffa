import type { FaultRule, ProviderId, SimulatedAccount } from '@elly/ats-sandbox';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../apps/demo/src/elly-client.js';
import { PROVIDERS, TroubledElly } from './bad-input/troubled-elly.js';

const MINUTES = 60_000;
/** Three pages of Greenhouse's applications, three or four of Lever's opportunities. */
const CANDIDATES: Readonly<Record<ProviderId, number>> = { greenhouse: 900, lever: 250 };
const LIST: Readonly<Record<ProviderId, string>> = { greenhouse: 'GET /applications', lever: 'GET /opportunities' };
/** The list of people and applications; its first request is the connect's own look at what it may see. */
const PATH = '/^\\/(applications|opportunities)$/';
/** Without it there is nothing to import. */
const NEEDED = /^(harvest:candidates:list|opportunities:(read|write):admin)$/;
const onSecondPage = (fault: FaultRule['fault'], times: number): FaultRule[] => [
  { match: { path: PATH, nth: 3 }, fault, times },
];

/** What goes wrong on the second page, and how many requests for the list it may cost at most beyond the undisturbed ones. */
const TROUBLES: readonly (readonly [what: string, faults: readonly FaultRule[], requests: number])[] = [
  ['half an answer', onSecondPage({ kind: 'truncated-json' }, 1), 2],
  ['an answer that is no JSON', onSecondPage({ kind: 'malformed-json' }, 1), 2],
  ["a proxy's page with status 200", onSecondPage({ kind: 'html', status: 200 }, 1), 2],
  ['a page of nulls', onSecondPage({ kind: 'nulls', rows: 5 }, 1), 2],
  ['the page before once more', onSecondPage({ kind: 'duplicate-page' }, 1), 2],
  ['an answer that never ends', onSecondPage({ kind: 'endless' }, 1), 2],
  ['a 429 that does not say until when', onSecondPage({ kind: 'status', status: 429 }, 1), 1],
  ['a connection that is reset', onSecondPage({ kind: 'reset' }, 1), 1],
  ['a burst of 503', onSecondPage({ kind: 'status', status: 503 }, 2), 2],
  // The one trouble for which a list begins anew: the ATS no longer knows the place.
  ['a cursor that expired', onSecondPage({ kind: 'cursor-expired' }, 1), 3],
];

describe('bad input', () => {
  let elly: TroubledElly;

  beforeAll(async () => {
    elly = await TroubledElly.start();
  }, MINUTES);
  afterAll(() => elly.stop());

  describe.each(PROVIDERS)('while connecting %s', (provider) => {
    let account: SimulatedAccount;
    let credits: number;

    beforeAll(async () => {
      account = elly.account(provider, 10);
      credits = await elly.credits();
    });

    const expectNothingConnected = async (): Promise<void> => {
      expect(await elly.connections()).toEqual([]);
      expect(await elly.credits()).toBe(credits);
    };

    it('says that the client secret is wrong', async () => {
      elly.registerApp(provider, { clientSecret: 'another-secret' });
      const { message } = await elly.tryConnect(provider, { account: account.id });
      elly.registerApp(provider);
      expect(message).toMatch(/client secret/);
      await expectNothingConnected();
    });

    it('says that the permissions were not approved', async () => {
      const { message } = await elly.tryConnect(provider, { account: account.id, decision: 'deny' });
      expect(message).toMatch(/not approved.*no credit was used.*Connect again/);
      await expectNothingConnected();
    });

    it('connects nothing when a person approves who may not', async () => {
      const user = account.users().find(({ admin }) => !admin);
      const { message } = await elly.tryConnect(provider, { account: account.id, user: user?.id ?? '' });
      expect(message).toMatch(provider === 'greenhouse' ? /Ask a Greenhouse Site Admin to connect/ : /not approved/);
      await expectNothingConnected();
    });

    it('uses no credit when the ATS refuses a permission that the app does not hold', async () => {
      const all = new URL(
        (await elly.client.send<{ authorizeUrl: string }>('POST', '/api/ats/connections', { provider })).authorizeUrl,
      );
      const scopes = (all.searchParams.get('scope') ?? '').split(' ').filter((scope) => !NEEDED.test(scope));
      elly.registerApp(provider, { scopes });
      const { stuckAt, message, connection } = await elly.tryConnect(provider, { account: account.id });
      elly.registerApp(provider);
      expect(connection).toBeNull();
      // Greenhouse refuses the whole consent on a page of its own; the next connect takes the place of the one left open.
      expect(stuckAt ?? message).toMatch(/scope|permission|did not grant/i);
      await elly.tryConnect(provider, { account: account.id, decision: 'deny' });
      await expectNothingConnected();
    });
  });

  it.each(PROVIDERS)(
    'never makes %s refuse a request, and has every résumé, under its rate limit',
    async (provider) => {
      const account = elly.sandbox.accounts.create({ provider, seed: 1, candidates: 40 });
      const { connection } = await elly.tryConnect(provider, { account: account.id });
      if (connection === null) throw new Error('The connect came to nothing.');
      await elly.lastRun(connection);
      const { records } = await elly.resumesSettled(connection);
      expect(records.resumes).toBe(account.visible().inScope.resumes);
      expect(account.requests().status429).toBe(0);
    },
    MINUTES,
  );

  describe.each(PROVIDERS)('while %s is imported', (provider) => {
    interface Case {
      readonly account: SimulatedAccount;
      readonly connection: string;
    }
    const cases = new Map<string, Case>();
    let undisturbed: { readonly run: Run; readonly requests: number };

    const begin = async (what: string, faults: readonly FaultRule[], candidates = CANDIDATES[provider]) => {
      const account = elly.account(provider, candidates, faults);
      const { connection, message } = await elly.connectApart(account);
      if (connection === null) throw new Error(message ?? 'The connect came to nothing.');
      cases.set(what, { account, connection });
    };
    const caseOf = (what: string): Case => {
      const found = cases.get(what);
      if (found === undefined) throw new Error(`"${what}" was not begun.`);
      return found;
    };
    const asked = ({ account }: Case): number => account.requests().byRoute[LIST[provider]] ?? 0;

    const expectAllOf = async ({ account, connection }: Case): Promise<void> => {
      const { records, issues, quarantined, status } = await elly.details(connection);
      const { jobs, stages, inScope } = account.visible();
      expect(records).toMatchObject({
        jobs,
        stages,
        candidates: inScope.candidates,
        applications: inScope.applications,
      });
      expect({ quarantined, status, issues }).toEqual({ quarantined: 0, status: 'active', issues: [] });
    };

    beforeAll(async () => {
      await begin('nothing', []);
      const run = await elly.lastRun(caseOf('nothing').connection);
      undisturbed = { run, requests: asked(caseOf('nothing')) };
      for (const [what, faults] of TROUBLES) await begin(what, faults);
      await begin('it lasts', [{ match: { path: PATH, nth: 3 }, fault: { kind: 'html', status: 200 } }]);
      const file = provider === 'greenhouse' ? '/files' : '/\\/download$/';
      await begin('huge', [{ match: { path: file }, fault: { kind: 'huge-file', bytes: 5e9 }, times: 1 }], 12);
    }, 3 * MINUTES);

    it('brings everything when nothing is wrong', async () => {
      expect(undisturbed.run.status).toBe('completed');
      await expectAllOf(caseOf('nothing'));
    });

    it.each(TROUBLES)(
      'loses nothing by %s and goes on where the data is',
      async (what, _, requests) => {
        const trouble = caseOf(what);
        const run = await elly.lastRun(trouble.connection);
        expect(run).toMatchObject({ status: 'completed', fault: null });
        expect(run.requests).toBeGreaterThan(undisturbed.run.requests);
        expect(asked(trouble)).toBeLessThanOrEqual(undisturbed.requests + requests);
        await expectAllOf(trouble);
      },
      MINUTES,
    );

    it(
      'gives a run up when a page stays unreadable, says so, and continues at that page once it can be read',
      async () => {
        const trouble = caseOf('it lasts');
        const failed = await elly.lastRun(trouble.connection);
        expect(failed).toMatchObject({ status: 'failed', fault: { code: 'unexpected-shape' } });
        const { issues, status } = await elly.details(trouble.connection);
        expect(status).toBe('active');
        expect(issues).toEqual([expect.objectContaining({ code: 'sync-failed', message: failed.fault?.message })]);
        const before = asked(trouble);
        trouble.account.faults.clear();
        const { connection } = trouble;
        const { runId } = await elly.client.send<{ runId: string }>(
          'POST',
          `/api/ats/connections/${connection}/sync-runs`,
        );
        expect((await elly.client.ended(connection, runId)).kind).toBe('resync');
        await expectAllOf(trouble);
        expect(asked(trouble) - before).toBeLessThanOrEqual(undisturbed.requests);
      },
      MINUTES,
    );

    it(
      'asks for a new sign-in when the authorisation is withdrawn in the middle, and keeps what came before',
      async () => {
        await begin('revoked', [{ match: { path: PATH, nth: 3 }, fault: { kind: 'latency', ms: 1_500 } }]);
        const trouble = caseOf('revoked');
        while (asked(trouble) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
        elly.sandbox.tokens[provider].revokeGrants(trouble.account.id);
        const run = await elly.lastRun(trouble.connection);
        expect(run).toMatchObject({ status: 'failed', fault: { code: 'auth-revoked' } });
        const { status, statusReason, issues } = await elly.details(trouble.connection);
        expect(status).toBe('reconnect_required');
        expect(statusReason).toMatch(/connect/i);
        expect(issues).toEqual([expect.objectContaining({ code: 'reconnect-required' })]);
        const { records } = await elly.details(trouble.connection);
        expect(records.jobs).toBe(trouble.account.visible().jobs);
        expect(asked(trouble)).toBeLessThanOrEqual(undisturbed.requests);
      },
      MINUTES,
    );

    it('says that an account is connected already', async () => {
      const credits = await elly.credits();
      const { message, connection } = await elly.tryConnect(provider, { account: caseOf('nothing').account.id });
      expect(connection).toBeNull();
      expect(message).toMatch(/connected to this workspace already.*no credit was used/);
      expect(await elly.credits()).toBe(credits);
    });

    it(
      'refuses a résumé of 5 GB and keeps the others',
      async () => {
        const huge = caseOf('huge');
        await elly.lastRun(huge.connection);
        const { records } = await elly.resumesSettled(huge.connection);
        const { inScope } = huge.account.visible();
        expect(inScope.resumes).toBeGreaterThan(1);
        expect(records.resumes).toBe(inScope.resumes - 1);
      },
      MINUTES,
    );
  });
});
