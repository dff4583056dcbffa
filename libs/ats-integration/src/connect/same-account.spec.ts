import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { markSuspended } from '../connections/suspension.js';
import { ProviderFault } from '../contract/fault.js';
import { aJob, aUser } from '../testing-support/records.js';
import { SCRIPTED_ID } from '../testing-support/scripted-ats.js';
import { SignInScene } from '../testing-support/sign-in-scene.js';
import { Disconnect } from './disconnect.js';

const LIMIT = 'The plan starter covers no connection. Upgrade to Enterprise.';

describe('which account a person signed in to', () => {
  let scene: SignInScene;

  beforeAll(async () => {
    scene = await SignInScene.start();
  });
  afterAll(() => scene.stop());
  beforeEach(() => scene.reset());

  const lists = (stream: string, ...records: readonly (ReturnType<typeof aJob> | ReturnType<typeof aUser>)[]): void =>
    void scene.script.scripts.set(stream, [{ records }]);
  const suspend = (id: string): Promise<void> =>
    scene.ats.database
      .em()
      .transactional((em) =>
        markSuspended(em, { id, workspaceId: scene.person.workspaceId, provider: SCRIPTED_ID }, LIMIT, new Date()),
      );
  const connections = (): Promise<number> =>
    scene.ats.database.value<number>(
      `select count(*)::int from ats.connections where workspace_id = $1 and status <> 'disconnected'`,
      [scene.person.workspaceId],
    );

  describe('when signing in again to an ATS that does not name its accounts', () => {
    it('is another one when it lists no job at all, though jobs were imported (an empty account was taken for the same)', async () => {
      lists('jobs', aJob('j1'));
      const id = await scene.connect();
      await scene.sync(id);
      await scene.lose(id);
      lists('jobs');
      await expect(scene.reconnect(id)).rejects.toMatchObject({
        code: 'different-account',
        message: expect.stringContaining('lists no jobs'),
      });
      expect(await scene.statusOf(id)).toBe('reconnect_required');
    });

    it('is looked for beyond a first page without jobs', async () => {
      lists('jobs', aJob('j1'));
      const id = await scene.connect();
      await scene.sync(id);
      await scene.lose(id);
      scene.script.scripts.set('jobs', [{ records: [] }, { records: [aJob('j1')] }]);
      expect(await scene.reconnect(id)).toBe(id);
    });

    it('is told by its users when there are no jobs yet (another account was taken for the same)', async () => {
      lists('users', aUser('u1', { email: 'ann@acme.example' }));
      const id = await scene.connect();
      await scene.sync(id);
      await scene.lose(id);
      lists('users', aUser('u1', { name: 'Bob', email: 'bob@globex.example' }));
      await expect(scene.reconnect(id)).rejects.toMatchObject({ code: 'different-account' });
      lists('users', aUser('u1', { name: 'Ann Married', email: 'ann@acme.example' }));
      expect(await scene.reconnect(id)).toBe(id);
    });

    it.each([
      ['users', [aUser('u1')]],
      ['jobs and users', [aJob('j1'), aUser('u1')]],
    ])(
      'is not believed when %s were imported and it shows none that can be read (it was taken for the same)',
      async (_, stored) => {
        lists('users', ...stored.filter(({ kind }) => kind === 'user'));
        lists('jobs', ...stored.filter(({ kind }) => kind === 'job'));
        const id = await scene.connect();
        await scene.sync(id);
        await scene.lose(id);
        scene.script.scripts.set('jobs', [{ rejected: [{ kind: 'job', remoteId: 'k1', reason: 'No title.' }] }]);
        scene.script.before = ({ stream }) => {
          if (stream === 'users') throw new ProviderFault('forbidden-scope', 'Users may not be listed.');
        };
        try {
          await expect(scene.reconnect(id)).rejects.toMatchObject({
            code: 'different-account',
            message: expect.stringMatching(/shows none.*sign in as somebody who may see/i),
          });
          expect(await scene.statusOf(id)).toBe('reconnect_required');
        } finally {
          scene.script.before = () => undefined;
        }
      },
    );

    it('is believed when nothing was imported that could tell', async () => {
      const id = await scene.connect();
      await scene.sync(id);
      await scene.lose(id);
      lists('jobs', aJob('j1'));
      expect(await scene.reconnect(id)).toBe(id);
    });
  });

  describe('when signing in again over a connection that never imported anything', () => {
    /** Linked to one account and synced, and one that lost its authorisation before its first page. */
    const both = async (): Promise<{ readonly linked: string; readonly lost: string }> => {
      lists('jobs', aJob('j1'));
      const linked = await scene.connect();
      await scene.sync(linked);
      lists('jobs', aJob('k1', { title: 'Nurse' }));
      const lost = await scene.connect();
      await scene.lose(lost);
      return { linked, lost };
    };

    it('may not be the account of another connection (everything was imported twice)', async () => {
      const { linked, lost } = await both();
      lists('jobs', aJob('j1'));
      await expect(scene.reconnect(lost)).rejects.toMatchObject({
        code: 'already-connected',
        details: { connectionId: linked },
      });
      expect(await scene.statusOf(lost)).toBe('reconnect_required');
      lists('jobs', aJob('k1', { title: 'Nurse' }));
      expect(await scene.reconnect(lost)).toBe(lost);
    });

    it('may be that of a connection that was disconnected', async () => {
      const { linked, lost } = await both();
      await scene.ats.get(Disconnect).disconnect(scene.person.workspaceId, linked, 'ann');
      lists('jobs', aJob('j1'));
      expect(await scene.reconnect(lost)).toBe(lost);
    });

    it('waits for the first import of another connection, but not for one that waits for a sign-in itself', async () => {
      const { linked, lost } = await both();
      await scene.ats.database.rows(`delete from ats.jobs where connection_id = $1`, [linked]);
      await scene.ats.database.rows(`update ats.connections set last_synced_at = null where id = $1`, [linked]);
      await expect(scene.reconnect(lost)).rejects.toMatchObject({
        code: 'first-import-running',
        details: { connectionId: linked },
      });
      await scene.lose(linked);
      expect(await scene.reconnect(lost)).toBe(lost);
    });

    it('says so, too, when only the database noticed that two ended at once', async () => {
      lists('jobs', aJob('j1'));
      const linked = await scene.connect();
      await scene.sync(linked);
      lists('jobs', aJob('k1', { title: 'Nurse' }));
      const other = await scene.connect();
      await scene.sync(other);
      await scene.lose(other);
      scene.script.profile = { ...scene.script.profile, accountId: 'acme' };
      await scene.ats.database.rows(`update ats.connections set remote_account_id = 'acme' where id = $1`, [linked]);
      await expect(scene.reconnect(other)).rejects.toMatchObject({
        code: 'already-connected',
        details: { connectionId: linked },
      });
      expect(await scene.statusOf(other)).toBe('reconnect_required');
    });
  });

  describe('when connecting an account a second time', () => {
    beforeEach(() => {
      scene.script.profile = { ...scene.script.profile, accountId: 'acme' };
    });

    it('says which connection is there already', async () => {
      const id = await scene.connect();
      await expect(scene.connect()).rejects.toMatchObject({ code: 'already-connected', details: { connectionId: id } });
    });

    it('says to reconnect the connection whose authorisation ended ("connected already" left no way out)', async () => {
      const id = await scene.connect();
      await scene.lose(id);
      await expect(scene.connect()).rejects.toMatchObject({
        code: 'already-connected',
        message: expect.stringMatching(/authorisation has ended.*[Rr]econnect/),
        details: { connectionId: id },
      });
    });

    it('says why the connection is suspended and what to do ("connected already" left no way out)', async () => {
      const id = await scene.connect();
      await suspend(id);
      await expect(scene.connect()).rejects.toMatchObject({
        code: 'already-connected',
        message: expect.stringContaining(LIMIT),
        details: { connectionId: id },
      });
    });

    it('says so, too, when only the database noticed that two ended at once', async () => {
      scene.script.profile = { ...scene.script.profile, accountId: null };
      lists('jobs', aJob('j1'));
      const id = await scene.connect();
      await scene.sync(id);
      scene.script.profile = { ...scene.script.profile, accountId: 'acme' };
      lists('jobs', aJob('k1', { title: 'Nurse' }));
      // While this sign-in compares jobs, the other one becomes the account's.
      scene.script.before = async () =>
        void (await scene.ats.database.rows(`update ats.connections set remote_account_id = 'acme' where id = $1`, [
          id,
        ]));
      try {
        await expect(scene.connect()).rejects.toMatchObject({
          code: 'already-connected',
          details: { connectionId: id },
        });
      } finally {
        scene.script.before = () => undefined;
      }
    });
  });

  describe('when connecting before the first import of another connection could tell its account', () => {
    const before = { code: 'first-import-running' };

    it('is refused until that import is done (one account was connected twice)', async () => {
      lists('jobs', aJob('j1'));
      const id = await scene.connect();
      await expect(scene.connect()).rejects.toMatchObject({
        ...before,
        message: expect.stringContaining('first import'),
        details: { connectionId: id },
      });
      expect(await connections()).toBe(1);
      expect(scene.ats.ledger.count('reserved')).toBe(0);
      await scene.sync(id);
      await expect(scene.connect()).rejects.toMatchObject({ code: 'already-connected' });
      lists('jobs', aJob('k1', { title: 'Nurse' }));
      await scene.connect();
      expect(await connections()).toBe(2);
    });

    it('is let through when the import found nothing that could tell', async () => {
      await scene.sync(await scene.connect());
      await scene.connect();
      expect(await connections()).toBe(2);
    });

    it.each([
      ['whose authorisation ended', (id: string) => scene.lose(id), /reconnect/i],
      ['that is suspended', suspend, /Upgrade to Enterprise/],
    ])('is not told to wait for a connection %s, which would never end', async (_, stop, advice) => {
      const id = await scene.connect();
      await stop(id);
      await expect(scene.connect()).rejects.toMatchObject({
        ...before,
        message: expect.stringMatching(advice),
        details: { connectionId: id },
      });
    });
  });
});
