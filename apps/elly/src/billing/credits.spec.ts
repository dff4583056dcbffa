import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { boundQuery } from '../database/bound-query.js';
import type { TestOrm } from '../testing/test-orm.js';
import { addWorkspace, startTestOrm } from '../testing/test-orm.js';
import { Workspace } from '../workspaces/workspace.entity.js';
import { Credits } from './credits.js';

describe('Credits', () => {
  let database: TestOrm;
  let credits: Credits;
  let workspaceId: string;

  beforeAll(async () => {
    database = await startTestOrm();
    credits = new Credits(database.orm.em);
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    ({ workspaceId } = await addWorkspace(database.orm));
    await credits.grant(`welcome:${workspaceId}`, { workspaceId, credits: 2, reason: 'Welcome' });
  });

  const charge = (count = 1) => ({ workspaceId, credits: count, reason: 'Connecting Lever' });
  const key = (name: string) => `${workspaceId}:${name}`;
  const balance = async () => (await database.orm.em.fork().findOneOrFail(Workspace, workspaceId)).credits;
  const ledger = async () =>
    (
      await boundQuery<{ kind: string; credits: number }>(
        database.orm.em.fork(),
        'select kind, credits from elly.credit_entries where workspace_id = $1 order by id',
        [workspaceId],
      )
    ).rows.map((row) => `${row.kind} ${row.credits}`);

  it('takes a reservation from the balance once, however often it is asked', async () => {
    expect(await credits.reserve(key('a'), charge())).toEqual({ ok: true });
    expect(await credits.reserve(key('a'), charge())).toEqual({ ok: true });
    expect(await balance()).toBe(1);
    expect(await ledger()).toEqual(['grant 2', 'reserve -1']);
  });

  it('refuses what the balance does not cover, with a sentence, and keeps nothing of it', async () => {
    const refusal = await credits.reserve(key('a'), charge(3));
    expect(refusal).toEqual({
      ok: false,
      message: 'This costs 3 credits and only 2 credits are left. Buy credits under Settings → Billing.',
    });
    expect(await ledger()).toEqual(['grant 2']);
    await credits.grant(key('more'), { workspaceId, credits: 1, reason: 'Bought' });
    expect(await credits.reserve(key('a'), charge(3))).toEqual({ ok: true });
    expect(await balance()).toBe(0);
  });

  it('never goes below zero when many attempts arrive at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => credits.reserve(key(`race-${index}`), charge())),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    expect(await balance()).toBe(0);
    expect((await ledger()).filter((entry) => entry === 'reserve -1')).toHaveLength(2);
  });

  it('answers everybody while some attempts arrive and others give theirs back at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const attempts = Array.from({ length: 20 }, async (_, index) => {
        const name = key(`storm-${round}-${index}`);
        const { ok } = await credits.reserve(name, charge());
        if (ok) await credits.release(name);
        return ok;
      });
      expect(await Promise.all(attempts)).toContain(true);
    }
    expect(await balance()).toBe(2);
  });

  it('charges one key once when it arrives many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => credits.reserve(key('same'), charge())));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await balance()).toBe(1);
  });

  it('gives a reservation back once, and lets the key be used no more', async () => {
    await credits.reserve(key('a'), charge());
    await Promise.all([credits.release(key('a')), credits.release(key('a')), credits.release(key('a'))]);
    expect(await balance()).toBe(2);
    expect(await ledger()).toEqual(['grant 2', 'reserve -1', 'release 1']);
    expect(await credits.reserve(key('a'), charge())).toMatchObject({ ok: false });
    expect(await balance()).toBe(2);
  });

  it('commits in the transaction that it is given, and not without it', async () => {
    await credits.reserve(key('a'), charge());
    const failing = database.orm.em.fork().transactional(async (em) => {
      await credits.commit(key('a'), em);
      throw new Error('the connection could not be activated');
    });
    await expect(failing).rejects.toThrow('could not be activated');
    expect(await ledger()).toEqual(['grant 2', 'reserve -1']);
    await database.orm.em.fork().transactional((em) => credits.commit(key('a'), em));
    await database.orm.em.fork().transactional((em) => credits.commit(key('a'), em));
    expect(await ledger()).toEqual(['grant 2', 'reserve -1', 'commit 0']);
  });

  it('keeps what was committed when somebody releases it afterwards', async () => {
    await credits.reserve(key('a'), charge());
    await database.orm.em.fork().transactional((em) => credits.commit(key('a'), em));
    await credits.release(key('a'));
    expect(await balance()).toBe(1);
    expect(await ledger()).toEqual(['grant 2', 'reserve -1', 'commit 0']);
  });

  it('refuses to commit what is not reserved or was given back', async () => {
    const commit = (name: string) => database.orm.em.fork().transactional((em) => credits.commit(key(name), em));
    await expect(commit('never')).rejects.toThrow('No credit is reserved');
    await credits.reserve(key('a'), charge());
    await credits.release(key('a'));
    await expect(commit('a')).rejects.toThrow('given back');
  });

  it('settles a key either by commit or by release when both arrive at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = key(`settle-${round}`);
      await credits.grant(`${name}:grant`, { workspaceId, credits: 1, reason: 'Bought' });
      await credits.reserve(name, charge());
      await Promise.allSettled([
        database.orm.em.fork().transactional((em) => credits.commit(name, em)),
        credits.release(name),
      ]);
    }
    const entries = await ledger();
    const sum = entries.reduce((total, entry) => total + Number(entry.split(' ')[1]), 0);
    expect(await balance()).toBe(sum);
    expect(entries.filter((entry) => entry.startsWith('commit') || entry.startsWith('release'))).toHaveLength(10);
  });
});
