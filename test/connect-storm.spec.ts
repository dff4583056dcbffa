import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { approve } from '../apps/demo/src/consent.js';
import { EllyClient } from '../apps/demo/src/elly-client.js';
import { ADA } from '../apps/elly/src/testing/running-elly.js';
import { TroubledElly } from './bad-input/troubled-elly.js';

const CLICKS = 50;
const GRACE = 'grace@acme.example';
const PROVIDERS = ['greenhouse', 'lever'] as const;

interface Ledger {
  readonly balance: number;
  readonly entries: readonly { readonly kind: string }[];
  readonly next: string | null;
}

/** Two people in fifty windows, with the real simulators and Elly's own ledger, all the way through. */
describe(`${CLICKS} connects at once on Starter`, () => {
  let elly: TroubledElly;
  let accounts: Record<(typeof PROVIDERS)[number], string>;

  beforeAll(async () => {
    elly = await TroubledElly.start();
    await elly.addAdmin('Grace', GRACE);
    await elly.client.send('PUT', '/api/workspace/plan', { plan: 'starter' });
    accounts = { greenhouse: elly.account('greenhouse', 10).id, lever: elly.account('lever', 10).id };
  }, 60_000);
  afterAll(() => elly.stop());
  afterEach(async () => {
    for (const { id } of await elly.connections()) await elly.client.send('DELETE', `/api/ats/connections/${id}`);
  });

  /** Each in a browser of its own, which keeps its own cookie. */
  const windows = () =>
    Array.from({ length: CLICKS }, (_, nth) => new EllyClient(elly.publicUrl, nth % 3 === 0 ? GRACE : ADA));
  const providerOf = (nth: number) => PROVIDERS[nth % 2] ?? 'lever';
  const click = async (window: EllyClient, nth: number): Promise<string | null> => {
    const path = '/api/ats/connections';
    return window.send<{ authorizeUrl: string }>('POST', path, { provider: providerOf(nth) }).then(
      ({ authorizeUrl }) => authorizeUrl,
      () => null,
    );
  };
  const consent = (window: EllyClient, nth: number, authorizeUrl: string) =>
    approve(window.browser, authorizeUrl, accounts[providerOf(nth)]);
  const ledger = async (): Promise<Ledger> => {
    let page = await elly.client.get<Ledger>('/api/workspace/credits');
    const entries = [...page.entries];
    while (page.next !== null) {
      page = await elly.client.get<Ledger>(`/api/workspace/credits?cursor=${page.next}`);
      entries.push(...page.entries);
    }
    return { ...page, entries };
  };

  /** One active connection, and of the credits that were there one is spent and none held. */
  const expectOne = async (before: Ledger, ends: readonly (URLSearchParams | null)[]): Promise<void> => {
    const connected = ends.flatMap((end) => end?.get('connection') ?? []);
    expect(connected).toHaveLength(1);
    const connections = (await elly.connections()) as readonly { id: string; status: string }[];
    expect(connections.map(({ id, status }) => ({ id, status }))).toEqual([{ id: connected[0], status: 'active' }]);
    const after = await ledger();
    expect(after.balance).toBe(before.balance - 1);
    const kinds = after.entries.slice(0, after.entries.length - before.entries.length).map(({ kind }) => kind);
    const count = (kind: string) => kinds.filter((one) => one === kind).length;
    expect(count('commit')).toBe(1);
    expect(count('reserve')).toBe(count('commit') + count('release'));
  };

  it('end as one active connection and one credit when all callbacks come at once', async () => {
    const before = await ledger();
    const all = windows();
    const clicked = await Promise.all(all.map(click));
    const approved = await Promise.all(
      all.map(async (window, nth) => {
        const url = clicked[nth] ?? null;
        return url === null ? null : consent(window, nth, url);
      }),
    );
    expect(approved.filter((url) => url !== null).length).toBeGreaterThan(0);
    const ends = await Promise.all(
      all.map(async (window, nth) => {
        const url = approved[nth] ?? null;
        return url === null ? null : window.returnFrom(url);
      }),
    );
    await expectOne(before, ends);
  }, 60_000);

  it('end as one active connection and one credit when everybody goes through as fast as they can', async () => {
    const before = await ledger();
    const ends = await Promise.all(
      windows().map(async (window, nth) => {
        const url = await click(window, nth);
        return url === null ? null : window.returnFrom(await consent(window, nth, url));
      }),
    );
    await expectOne(before, ends);
  }, 60_000);
});
