import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashScene } from './crash/crash-scene.js';
import type { Crashed, Customer } from './crash/crash-scene.js';
import type { Order } from './crash/crash-worker.js';

/** From the request that is refused over the refresh to the request that is answered, and some more. */
const REFRESH_STEPS = 24;

/** A process dies before each statement and each request in turn; then a new one starts. */
describe('a process that dies at any step', () => {
  let scene: CrashScene;
  beforeAll(async () => {
    scene = await CrashScene.start();
  }, 60_000);
  afterAll(() => scene.stop());

  /** What holds at every moment, also before anybody has tidied up. */
  const assertSound = async (crashed: readonly Crashed[]): Promise<void> => {
    for (const customer of crashed) {
      const charges = await scene.charges(customer);
      expect(charges.length).toBeLessThanOrEqual(1);
      const open = (await scene.statuses(customer)).filter((status) => status !== 'authorizing');
      expect(charges.filter((state) => state === 'committed')).toHaveLength(open.length);
    }
    const { rows } = await scene.pool.query(
      `select id from ats.connections where status in ('active', 'suspended') and sealed_credentials is null`,
    );
    expect(rows).toEqual([]);
  };
  /** A sweep that met nothing to die at would prove nothing. */
  const expectSteps = (crashed: readonly Crashed[], atLeast: number): void => {
    expect(crashed.length).toBeGreaterThanOrEqual(atLeast);
  };
  const connectAgain = async (customer: Customer): Promise<void> => {
    const state = await scene.begin({ ...customer, connectionId: '' });
    await scene.steady.must({ action: 'finish', person: customer.person, state });
  };

  it('of a connect leaves no place and no credit taken for nothing, before the redirect', async () => {
    const crashed = await scene.sweep(() => {
      const customer = scene.customer();
      return Promise.resolve({ ...customer, order: { action: 'begin', person: customer.person } });
    });
    expectSteps(crashed, 6);
    await assertSound(crashed);
    await scene.recover();
    for (const customer of crashed) {
      expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([[], []]);
      await connectAgain(customer);
      expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([['active'], ['committed']]);
    }
  }, 180_000);

  it('of a connect gives one connection for one credit or none for none, after the redirect', async () => {
    const crashed = await scene.sweep(async () => {
      const customer = scene.customer();
      return { ...customer, order: { action: 'finish', person: customer.person, state: await scene.begin(customer) } };
    });
    expectSteps(crashed, 6);
    await assertSound(crashed);
    await scene.recover();
    for (const customer of crashed) {
      const connected = await scene.statuses(customer);
      expect(await scene.charges(customer)).toEqual(connected.map(() => 'committed'));
      if (connected.length === 0) await connectAgain(customer);
      expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([['active'], ['committed']]);
    }
  }, 180_000);

  it('of a connect by API key gives one connection for one credit or none for none', async () => {
    const crashed = await scene.sweep(() => {
      const customer = scene.customer();
      return Promise.resolve({ ...customer, order: { action: 'begin-by-key', person: customer.person } });
    });
    expectSteps(crashed, 10);
    await assertSound(crashed);
    await scene.recover();
    for (const customer of crashed) {
      const connected = await scene.statuses(customer);
      expect(await scene.charges(customer)).toEqual(connected.map(() => 'committed'));
      if (connected.length === 0) await scene.steady.must({ action: 'begin-by-key', person: customer.person });
      expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([['active'], ['committed']]);
    }
  }, 180_000);

  it('of a connect that links an account again brings its one connection back, for one more credit, or does not', async () => {
    const crashed = await scene.sweep(async () => {
      const customer = await scene.connected();
      const { person, connectionId } = customer;
      await scene.steady.must({ action: 'disconnect', person, connectionId });
      const state = await scene.begin({ ...customer, connectionId: '' });
      return { ...customer, order: { action: 'finish', person, state } };
    });
    expectSteps(crashed, 8);
    const committed = async (customer: Customer): Promise<number> =>
      (await scene.charges(customer)).filter((state) => state === 'committed').length;
    const expectPaid = async (customer: Customer): Promise<void> => {
      const statuses = await scene.statuses(customer);
      expect(await committed(customer)).toBe(1 + statuses.filter((status) => status === 'active').length);
    };
    for (const customer of crashed) await expectPaid(customer);
    await scene.recover();
    for (const customer of crashed) {
      const { person, connectionId } = customer;
      await expectPaid(customer);
      if ((await scene.statuses(customer)).length === 0) await connectAgain(customer);
      const { rows } = await scene.pool.query<{ id: string }>(
        `select id from ats.connections where workspace_id = $1 and status = 'active' and sealed_credentials is not null`,
        [person.workspaceId],
      );
      expect(rows).toEqual([{ id: connectionId }]);
      expect(await committed(customer)).toBe(2);
    }
  }, 180_000);

  it('of a reconnect leaves the connection as it was or brings it back', async () => {
    const crashed = await scene.sweep(async () => {
      const customer = await scene.connected();
      await scene.pool.query(
        `update ats.connections set status = 'reconnect_required', grant_dead_at = now() where id = $1`,
        [customer.connectionId],
      );
      return { ...customer, order: { action: 'finish', person: customer.person, state: await scene.begin(customer) } };
    });
    expectSteps(crashed, 6);
    await assertSound(crashed);
    await scene.recover();
    for (const customer of crashed) {
      const [status] = await scene.statuses(customer);
      expect(['active', 'reconnect_required']).toContain(status);
      const state = await scene.begin(customer);
      await scene.steady.must({ action: 'finish', person: customer.person, state });
      expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([['active'], ['committed']]);
    }
  }, 180_000);

  it('of a refresh never leaves a connection that looks well with a token that was burnt', async () => {
    const refreshing = async (): Promise<Customer & { readonly order: Order }> => {
      const customer = await scene.connected();
      // The ATS no longer takes the access token: the next run has to refresh.
      const grant = scene.ats.grants.at(-1);
      if (grant !== undefined) grant.accessToken = 'ended';
      const { connectionId } = customer;
      return { ...customer, order: { action: 'sync', connectionId, fromFirstRequest: true } };
    };
    const crashed = [
      ...(await scene.sweep(refreshing, REFRESH_STEPS)),
      await scene.die(await refreshing(), { dieBeforeStatement: 'credentials_version = credentials_version + 1' }),
    ];
    await assertSound(crashed);
    await scene.recover();
    const ends = new Set<string>();
    for (const { diedBefore, ...customer } of crashed) {
      const [status = 'none'] = await scene.statuses(customer);
      expect(['active', 'reconnect_required']).toContain(status);
      if (status === 'active') {
        expect(await scene.steady.must({ action: 'sync', connectionId: customer.connectionId })).toBe('completed');
      }
      // Between the ATS's answer and our commit nobody can save the token: there the customer is asked to sign in again.
      if (diedBefore === null) expect(status).toBe('reconnect_required');
      else ends.add(status);
    }
    // The sweep went from before the token request over the answer that nobody stored to behind the commit.
    expect([...ends].sort()).toEqual(['active', 'reconnect_required']);
  }, 180_000);

  it('of a disconnect ends the connection and its grant, or leaves both to be ended', async () => {
    const crashed = await scene.sweep(async () => {
      const customer = await scene.connected();
      const { person, connectionId } = customer;
      return { ...customer, order: { action: 'disconnect', person, connectionId } };
    });
    expectSteps(crashed, 6);
    for (const customer of crashed) expect((await scene.statuses(customer)).length).toBeLessThanOrEqual(1);
    await scene.recover();
    for (const { person, connectionId } of crashed) {
      await scene.steady.must({ action: 'disconnect', person, connectionId });
    }
    await scene.recover();
    const { rows } = await scene.pool.query(
      `select status, sealed_credentials, (select count(*)::int from ats.revocations) as left from ats.connections where id = any($1)`,
      [crashed.map(({ connectionId }) => connectionId)],
    );
    expect(rows).toEqual(crashed.map(() => ({ status: 'disconnected', sealed_credentials: null, left: 0 })));
    const mine = scene.ats.grants.slice(-crashed.length);
    expect(mine.map(({ dead }) => dead)).toEqual(crashed.map(() => true));
    for (const customer of crashed) expect(await scene.charges(customer)).toEqual(['committed']);
  }, 180_000);

  describe('while a sign-in is open gives its place and its credit back', () => {
    const nothingHeld = async (crashed: readonly Crashed[], steps: number): Promise<void> => {
      expectSteps(crashed, steps);
      await assertSound(crashed);
      await scene.recover();
      for (const customer of crashed) {
        expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([[], []]);
        await connectAgain(customer);
        expect([await scene.statuses(customer), await scene.charges(customer)]).toEqual([['active'], ['committed']]);
      }
    };

    it('when the connect is begun again', async () => {
      const crashed = await scene.sweep(async () => {
        const { person } = await scene.signingIn();
        return { person, connectionId: '', order: { action: 'begin', person } };
      });
      await nothingHeld(crashed, 6);
    }, 180_000);

    it('when the person refuses', async () => {
      const crashed = await scene.sweep(async () => {
        const { state, ...customer } = await scene.signingIn();
        const { person } = customer;
        return { ...customer, fails: 'access-denied', order: { action: 'finish', person, state, refused: true } };
      });
      // The state, the place and the credit.
      await nothingHeld(crashed, 4);
    }, 180_000);

    it('when it is disconnected', async () => {
      const crashed = await scene.sweep(async () => {
        const { person, connectionId } = await scene.signingIn();
        return { person, connectionId, order: { action: 'disconnect', person, connectionId } };
      });
      await nothingHeld(crashed, 6);
    }, 180_000);
  });
});
