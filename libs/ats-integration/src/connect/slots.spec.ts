import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execute } from '../database/query.js';
import type { LedgerCall } from '../testing-support/ledger.js';
import { LocalServer, json } from '../testing-support/local-server.js';
import { aJob } from '../testing-support/records.js';
import { RunningAts } from '../testing-support/running-ats.js';
import { SCRIPTED_ID, ScriptedAts } from '../testing-support/scripted-ats.js';
import type { AtsError } from '../support/ats-error.js';
import { ConnectFlow } from './connect-flow.js';
import { Disconnect } from './disconnect.js';
import { PlanEnforcement } from './plan-enforcement.js';
import { Slots } from './slots.js';

const CALLBACK = { callbackPath: 'api/ats/oauth/callback' };
const OTHER_ID = 'other-ats';
/** Long enough for whoever does not wait to be through. */
const A_WHILE_MS = 500;

interface Begun {
  readonly connectionId: string;
  readonly state: string;
}

describe('the place and the credit of a sign-in', () => {
  const script = new ScriptedAts();
  const other = { ...script.provider, manifest: { ...script.provider.manifest, id: OTHER_ID, name: 'Other' } };
  let server: LocalServer;
  let ats: RunningAts;
  let person: { workspaceId: string; userId: string; browser: string };

  beforeAll(async () => {
    server = await LocalServer.start();
    ats = await RunningAts.start({ provider: script.provider, others: [other], url: server.url });
  });
  afterAll(async () => {
    await ats.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await ats.database.rows(`truncate ats.connections cascade`);
    person = { workspaceId: randomUUID(), userId: 'ann', browser: 'browser-of-ann' };
    ats.plan = { plan: 'Starter', connections: 1 };
    ats.ledger.reset(1000);
    server.answer = (response) =>
      json(response, 200, { access_token: 'access', refresh_token: 'refresh', expires_in: 3600 });
  });

  const begin = async (provider = SCRIPTED_ID, by = person): Promise<Begun> => {
    const { connectionId, authorizeUrl } = await ats.get(ConnectFlow).begin(by, provider, CALLBACK);
    return { connectionId, state: new URL(authorizeUrl ?? '').searchParams.get('state') ?? '' };
  };
  const finish = ({ state }: Begun, answer: object = { code: 'code' }, provider = SCRIPTED_ID): Promise<string> =>
    ats.get(ConnectFlow).finish(person, provider, { state, ...answer });
  const disconnect = (connectionId: string): Promise<void> =>
    ats.get(Disconnect).disconnect(person.workspaceId, connectionId, 'ann');
  const statuses = async (): Promise<string[]> => {
    const rows = await ats.database.rows<{ status: string }>(
      `select status from ats.connections where workspace_id = $1 and status <> 'disconnected' order by created_at, id`,
      [person.workspaceId],
    );
    return rows.map(({ status }) => status);
  };
  const fail = (call: LedgerCall, about = ''): ((made: LedgerCall, key: string) => void) => {
    return (made, key) => {
      if (made === call && key.includes(about)) throw new Error('The ledger is away.');
    };
  };
  const age = (connectionId: string, minutes: number) =>
    ats.database.rows(
      `update ats.connections set created_at = created_at - make_interval(mins => $2::int) where id = $1`,
      [connectionId, minutes],
    );
  const sweep = (): Promise<number> => {
    ats.ledger.before = () => undefined;
    ats.ledger.after = () => undefined;
    return ats.get(Slots).releaseAbandoned();
  };
  const bob = () => ({ ...person, userId: 'bob', browser: 'browser-of-bob' });
  const open = async (): Promise<string[]> => {
    const rows = await ats.database.rows<{ id: string }>(
      `select id from ats.connections where workspace_id = $1 and status = 'authorizing' order by created_at, id`,
      [person.workspaceId],
    );
    return rows.map(({ id }) => id);
  };
  const held = () => [ats.ledger.count('reserved'), ats.ledger.credits];

  describe('are free after the next sweep although the ledger failed', () => {
    it('when the person refused, who hears of the refusal and not of the ledger', async () => {
      const begun = await begin();
      ats.ledger.before = fail('release');
      await expect(finish(begun, { error: 'access_denied' })).rejects.toMatchObject({ code: 'access-denied' });
      expect([await statuses(), held()]).toEqual([[], [1, 999]]);
      await sweep();
      expect(held()).toEqual([0, 1000]);
    });

    it('when the connect was begun again, which goes on', async () => {
      await begin();
      ats.ledger.before = fail('release');
      await begin();
      expect([await statuses(), held()]).toEqual([['authorizing'], [2, 998]]);
      await sweep();
      expect(held()).toEqual([1, 999]);
    });

    it('when the sign-in was disconnected, which succeeds', async () => {
      const { connectionId } = await begin();
      ats.ledger.before = fail('release');
      await disconnect(connectionId);
      expect([await statuses(), held()]).toEqual([[], [1, 999]]);
      await sweep();
      expect(held()).toEqual([0, 1000]);
    });

    it('when a connect that was overtaken reserved its credit after it had been released', async () => {
      let first = true;
      ats.ledger.before = async (call) => {
        if (call === 'reserve' && first) {
          first = false;
          await begin();
          ats.ledger.before = fail('release');
        }
      };
      await expect(begin()).rejects.toMatchObject({ code: 'connect-overtaken' });
      expect(held()).toEqual([2, 998]);
      await sweep();
      expect(held()).toEqual([1, 999]);
    });
  });

  it('finds a reservation that arrives only after its sign-in was given up and released', async () => {
    const { connectionId } = await begin();
    const key = `ats-connect:${connectionId}:1`;
    ats.ledger.reset(1000);
    await disconnect(connectionId);
    await sweep();
    await ats.ledger.reserve(key, { credits: 1 });
    await sweep();
    expect(held()).toEqual([0, 1000]);
  });

  it('stop being looked at once no step of the sign-in can be under way', async () => {
    const { connectionId } = await begin();
    await disconnect(connectionId);
    await age(connectionId, 16);
    await sweep();
    const released: string[] = [];
    ats.ledger.before = (_, key) => void released.push(key);
    await ats.get(Slots).releaseAbandoned();
    expect(released).toEqual([]);
  });

  it.each(['before', 'after'] as const)('are given back when the ledger fails %s it reserved', async (when) => {
    ats.ledger[when] = fail('reserve');
    await expect(begin()).rejects.toThrow('The ledger is away.');
    expect([await statuses(), held()]).toEqual([[], [0, 1000]]);
    ats.ledger[when] = () => undefined;
    await begin();
    expect([await statuses(), held()]).toEqual([['authorizing'], [1, 999]]);
  });

  it('are given back by a sweep for everybody but the one whose entry the ledger fails at', async () => {
    const people = [0, 1, 2].map(() => ({ ...person, workspaceId: randomUUID() }));
    const begun: Begun[] = [];
    for (const by of people) begun.push(await begin(SCRIPTED_ID, by));
    await ats.pass(16);
    for (const bad of begun) {
      ats.ledger.before = fail('release', bad.connectionId);
      await ats.get(Slots).releaseAbandoned();
      ats.ledger.before = () => undefined;
      if (bad === begun[0]) expect(held()).toEqual([1, 999]);
    }
    expect(held()).toEqual([0, 1000]);
    expect(await ats.database.value(`select count(*)::int from ats.connect_states`)).toBe(0);
  });

  it("let a connection be disconnected whatever another workspace's ledger entry does", async () => {
    const stranger = { ...person, workspaceId: randomUUID() };
    const theirs = await begin(SCRIPTED_ID, stranger);
    await age(theirs.connectionId, 16);
    const older = await ats.connect({ workspaceId: person.workspaceId });
    ats.plan = { plan: 'Pair', connections: 2 };
    await begin();
    const asked: string[] = [];
    ats.ledger.before = (call, key) => {
      asked.push(key);
      fail('release', theirs.connectionId)(call, key);
    };
    // Now the sign-in is beyond the plan, and the disconnect gives it up.
    ats.plan = { plan: 'Free', connections: 0 };
    await disconnect(older);
    expect(await statuses()).toEqual([]);
    expect(asked.filter((key) => key.includes(theirs.connectionId))).toEqual([]);
  });

  it("are not given to another person's connect while a sign-in of eleven minutes may still become active, in words that say so", async () => {
    const first = await begin();
    await age(first.connectionId, 11);
    const refusal = await begin(OTHER_ID, bob()).catch((error: unknown) => error as AtsError);
    expect(refusal).toMatchObject({
      code: 'plan-limit-reached',
      message: expect.stringMatching(
        /allows 1 ATS connection\(s\) and 1 are in use, of which 1 is a sign-in that somebody began; it is given up by \d\d:\d\d UTC if nobody finishes it\. Wait for it, or upgrade to Enterprise/,
      ),
      details: { inUse: 1, signingIn: 1 },
    });
    const said = /by (\d\d:\d\d) UTC/.exec((refusal as AtsError).message)?.[1];
    // It lives for fifteen minutes and is given up within another one.
    const left = [4, 5, 6].map((minutes) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16));
    expect(left).toContain(said);
    await finish(first);
    expect([await statuses(), ats.ledger.count('committed'), held()]).toEqual([['active'], 1, [0, 999]]);
  });

  it('go over to what the same person clicks next, at whatever ATS (a closed tab held them where nobody saw it)', async () => {
    const first = await begin();
    const second = await begin(OTHER_ID);
    await expect(finish(first)).rejects.toMatchObject({ code: 'connect-state-invalid' });
    expect(await finish(second, undefined, OTHER_ID)).toBe(second.connectionId);
    expect([await statuses(), ats.ledger.count('committed'), held()]).toEqual([['active'], 1, [0, 999]]);
  });

  it("go over to another person's click at the same ATS when the plan has no other", async () => {
    const first = await begin();
    const second = await begin(SCRIPTED_ID, bob());
    expect(await open()).toEqual([second.connectionId]);
    await expect(finish(first)).rejects.toMatchObject({ code: 'connect-state-invalid' });
  });

  it("stay with a person while another one connects the same ATS and there is room (Bob's click killed Ann's sign-in)", async () => {
    ats.plan = { plan: 'Enterprise', connections: 'unlimited' };
    const first = await begin();
    const second = await begin(SCRIPTED_ID, bob());
    const elsewhere = await begin(OTHER_ID);
    expect((await open()).sort()).toEqual([first, second, elsewhere].map(({ connectionId }) => connectionId).sort());
    const again = await begin();
    expect((await open()).sort()).toEqual([again, second, elsewhere].map(({ connectionId }) => connectionId).sort());
    expect(held()).toEqual([3, 997]);
  });

  it("are taken from as few sign-ins as make room: a person's own before another's, the oldest first", async () => {
    ats.plan = { plan: 'Trio', connections: 3 };
    const ofBob = await begin(SCRIPTED_ID, bob());
    const older = await begin();
    const newer = await begin(OTHER_ID);
    for (const [nth, { connectionId }] of [ofBob, older, newer].entries()) await age(connectionId, 3 - nth);
    ats.plan = { plan: 'Pair', connections: 2 };
    const third = await begin(OTHER_ID);
    // Her own at that ATS goes in any case, then there is one too many.
    expect(await open()).toEqual([ofBob.connectionId, third.connectionId]);
    ats.plan = { plan: 'Starter', connections: 1 };
    const last = await begin();
    expect(await open()).toEqual([last.connectionId]);
  });

  it('are left where they are by a click that is refused all the same', async () => {
    ats.plan = { plan: 'Pair', connections: 2 };
    const mine = await begin();
    await begin(OTHER_ID, bob());
    ats.plan = { plan: 'Starter', connections: 1 };
    await expect(begin()).rejects.toMatchObject({ code: 'plan-limit-reached', details: { inUse: 1, signingIn: 1 } });
    expect(await open()).toContain(mine.connectionId);
  });

  it('are free again when the plan has shrunk meanwhile: nothing becomes active only to be suspended', async () => {
    const begun = await begin();
    ats.plan = { plan: 'Free', connections: 0 };
    await expect(finish(begun)).rejects.toMatchObject({
      code: 'plan-limit-reached',
      details: { plan: 'Free', limit: 0, inUse: 0 },
    });
    expect([await statuses(), held()]).toEqual([[], [0, 1000]]);
  });

  it('are those of whoever finishes first when the plan has room for one of two', async () => {
    ats.plan = { plan: 'Pair', connections: 2 };
    const first = await begin();
    const second = await begin(OTHER_ID);
    ats.plan = { plan: 'Starter', connections: 1 };
    const finished = await Promise.allSettled([finish(first), finish(second, undefined, OTHER_ID)]);
    expect(finished.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([await statuses(), ats.ledger.count('committed'), held()]).toEqual([['active'], 1, [0, 999]]);
  });

  it('go over to the second connect at the same ATS, and the first one of eleven minutes cannot become active', async () => {
    const first = await begin();
    await age(first.connectionId, 11);
    const second = await begin();
    await expect(finish(first)).rejects.toMatchObject({ code: 'connect-state-invalid' });
    await finish(second);
    expect([await statuses(), ats.ledger.count('committed'), held()]).toEqual([['active'], 1, [0, 999]]);
  });

  it('become those of the connection before anybody counts again: none is resumed beyond the plan', async () => {
    const suspended = await ats.connect({ workspaceId: person.workspaceId });
    await ats.database.rows(
      `update ats.connections set remote_account_id = 'another', last_synced_at = now() where id = $1`,
      [suspended],
    );
    // Disconnected before, it comes back as the connection that it was.
    script.profile = { ...script.profile, accountId: 'acme' };
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    ats.plan = { plan: 'Pair', connections: 2 };
    const back = await finish(await begin());
    await ats.database.rows(`update ats.connections set last_synced_at = now() where id = $1`, [back]);
    await disconnect(back);
    await ats.get(PlanEnforcement).enforce(person.workspaceId);
    const begun = await begin();
    await ats.database.rows(`update ats.connections set status = 'suspended', suspended_at = now() where id = $1`, [
      suspended,
    ]);
    ats.plan = { plan: 'Starter', connections: 1 };
    const [enforced, finished] = await ats.database.em().transactional(async (em) => {
      // Whoever counts the places has to wait here, after it began to look.
      await execute(em, `select 1 from ats.connections where id = $1 for update`, [suspended]);
      const enforcing = ats.get(PlanEnforcement).enforce(person.workspaceId);
      await sleep(A_WHILE_MS);
      const finishing = finish(begun);
      await sleep(A_WHILE_MS);
      return [enforcing, finishing].map((promise) => ({ promise }));
    });
    await enforced?.promise;
    await finished?.promise;
    expect(await statuses()).toEqual(['suspended', 'active']);
  });
});
