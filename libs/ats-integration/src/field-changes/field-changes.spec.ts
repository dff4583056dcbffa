import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from '@mikro-orm/postgresql';
import { ConnectionPreferences } from '../connections/connection-preferences.js';
import { ProviderFault } from '../contract/fault.js';
import { ConnectionOverview } from '../insight/connection-overview.js';
import { EditingAts } from '../testing-support/editing-ats.js';
import { FIELD_CHANGE_WORK } from './field-wake.js';
import { FieldChanges } from './field-changes.js';
import { FieldProcessor } from './field-processor.js';
import { FieldSchedule } from './field-schedule.js';

const editing = new EditingAts();
beforeAll(() => editing.start());
afterAll(() => editing.stop());

const dropped = (apply: () => void): void => {
  apply();
  throw new ProviderFault('unavailable', 'The connection broke.');
};
const refusing = (): void => {
  throw new ProviderFault('invalid-request', 'Scripted does not take one of the values.');
};
const nothingWasWritten = async (): Promise<void> => {
  expect(
    await editing.ats.database.value(`select count(*)::int from ats.field_changes where connection_id = $1`, [
      editing.connection,
    ]),
  ).toBe(0);
};
const ask =
  (changes: object, more: object = {}) =>
  async () =>
    editing.ats.get(FieldChanges).request({
      workspaceId: editing.workspace,
      candidateId: await editing.id('c1'),
      changes: changes as Record<string, unknown>,
      actor: { userId: 'ann', email: null },
      ...more,
    });

describe('asking for an edit', () => {
  it.each([
    [{ name: 'Somebody' }, '"Name"', ['name']],
    [{ headline: 'Smith', links: [], name: 'A' }, '"Links", "Name"', ['links', 'name']],
    [{ company: 'Acme' }, '"Company"', ['company']],
    [{ 'customFields.score': 9 }, '"score"', ['customFields.score']],
  ])('is refused as a whole where %j is not to be written, by name and ATS', async (changes, words, fields) => {
    await editing.fill(1);
    await expect(ask(changes)()).rejects.toMatchObject({
      code: 'read-only-field',
      message: expect.stringMatching(new RegExp(`^${words} of this candidate .*Scripted`)),
      details: { fields, provider: 'scripted' },
    });
    await nothingWasWritten();
  });

  it('is refused where the connection is set to leave a field alone, and only there', async () => {
    await editing.fill(1, { fields: { candidate: { headline: 'read-only', 'customFields.team': 'read-only' } } });
    for (const field of ['headline', 'customFields.team']) {
      await expect(ask({ firstName: 'Zoe', [field]: 'x' })()).rejects.toMatchObject({
        code: 'read-only-field',
        message: expect.stringContaining('this connection is set to leave it alone'),
        details: { fields: [field], provider: 'scripted' },
      });
    }
    await nothingWasWritten();
    await ask({ firstName: 'Zoe', 'customFields.notice': 60 })();
  });

  it('is refused where the connection was granted no scope for it, and the details say so too', async () => {
    await editing.fill(1);
    editing.fields.scopes = ['write:people'];
    const { database } = editing.ats;
    await database.rows(`update ats.connections set scopes = '["read:people"]' where id = $1`, [editing.connection]);
    await expect(ask({ headline: 'x' })()).rejects.toMatchObject({
      code: 'read-only-field',
      message: expect.stringContaining('reconnect Scripted and allow write:people'),
    });
    await nothingWasWritten();
    const overview = editing.ats.get(ConnectionOverview);
    const { fields } = await overview.details(editing.workspace, editing.connection);
    expect(new Set(fields.candidate?.map(({ direction }) => direction))).toEqual(new Set(['read-only']));
  });

  it.each([
    [{ emails: ['a@b.example'] }],
    [{ emails: [{ value: 'not an address' }] }],
    [{ phones: [{ value: '' }] }],
    [{ headline: 3 }],
    [{ headline: 'a\0b' }],
    [{ 'customFields.notice': 'soon' }],
    [{ 'customFields.team': ['Red'] }],
    [{ 'customFields.other': 'half \ud800' }],
    [{ customFields: {} }],
    [{ salary: 1 }],
    [{}],
  ])('is refused where %j is not of the form of its field', async (changes) => {
    await editing.fill(1);
    await expect(ask(changes)()).rejects.toMatchObject({ code: 'invalid-request' });
    await nothingWasWritten();
  });

  it("knows no other workspace's candidate, nobody who is gone, and no connection that ended", async () => {
    await editing.fill(1);
    await expect(ask({ headline: 'x' }, { workspaceId: 'another' })()).rejects.toMatchObject({ code: 'not-found' });
    await expect(ask({ headline: 'x' }, { candidateId: randomUUID() })()).rejects.toMatchObject({ code: 'not-found' });
    const { database } = editing.ats;
    await database.rows(`update ats.candidates set tombstone = 'deleted' where connection_id = $1`, [
      editing.connection,
    ]);
    await expect(ask({ headline: 'x' })()).rejects.toMatchObject({ code: 'candidate-gone' });
    await database.rows(`update ats.candidates set tombstone = null where connection_id = $1`, [editing.connection]);
    await database.rows(`update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`, [
      editing.connection,
    ]);
    await expect(ask({ headline: 'x' })()).rejects.toMatchObject({ code: 'not-connected' });
    await nothingWasWritten();
  });

  it("stands and falls with the host's transaction, and wakes a worker only after it", async () => {
    await editing.fill(1);
    const { queue } = editing.ats;
    // The host's own, which is the library's too.
    const host = () => editing.ats.get<EntityManager>(EntityManager).fork();
    const candidateId = await editing.id('c1');
    const woken = () => queue.items.filter((item) => item.kind === FIELD_CHANGE_WORK && item.id === candidateId).length;
    const request = {
      workspaceId: editing.workspace,
      candidateId,
      changes: { headline: 'Smith' },
      actor: { userId: 'ann', email: null },
    };
    const undone = host().transactional(async (em) => {
      await editing.ats.get(FieldChanges).request(request, em);
      throw new Error('The host changed its mind.');
    });
    await expect(undone).rejects.toThrow('changed its mind');
    await nothingWasWritten();
    expect(woken()).toBe(0);
    await host().transactional(async (em) => {
      await editing.ats.get(FieldChanges).request(request, em);
      expect(woken()).toBe(0);
    });
    expect(woken()).toBe(1);
  });
});

describe('an edit on its way', () => {
  it('is written once, read back and confirmed, and what was typed is forgotten', async () => {
    await editing.fill(1);
    const id = await editing.edit('c1', {
      headline: ' Smith ',
      emails: [{ value: 'zoe1@old.example' }, { value: 'zoe@new.example', type: 'home' }],
      'customFields.team': 'Blue',
    });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({
      status: 'confirmed',
      attempts: 1,
      reason: null,
      fields: [
        { field: 'customFields.team', status: 'confirmed', reason: null },
        { field: 'emails', status: 'confirmed', reason: null },
        { field: 'headline', status: 'confirmed', reason: null },
      ],
    });
    expect(editing.fields.effectsOn('c1')).toEqual([
      {
        headline: 'Smith',
        // The type that the ATS has of an address stays.
        emails: [
          { value: 'zoe1@old.example', type: 'work' },
          { value: 'zoe@new.example', type: 'home' },
        ],
        'customFields.team': 'Blue',
      },
    ]);
    expect(await editing.hosted('c1')).toMatchObject({
      headline: 'Smith',
      customFields: { team: { name: 'Team', value: 'Blue' }, notice: { value: 30 } },
    });
    expect(editing.corrections()).toEqual([]);
    const kept = await editing.ats.database.rows(
      `select seen, wanted from ats.field_change_values where change_id = $1`,
      [id],
    );
    expect(new Set(kept.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"seen":null,"wanted":null}']));
  });

  it('empties a field', async () => {
    await editing.fill(1);
    const id = await editing.edit('c1', { headline: '', emails: [], 'customFields.team': null });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed' });
    expect(editing.fields.effectsOn('c1')).toEqual([{ headline: null, emails: [], 'customFields.team': null }]);
  });

  it('writes nothing where the ATS has the value already', async () => {
    await editing.fill(1);
    const id = await editing.edit('c1', { headline: 'Smith' });
    editing.fields.put('c1', { headline: 'Smith' });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 0 });
    expect(editing.fields.sent).toEqual([]);
  });

  it.each([
    ['is done and its answer is lost', dropped],
    [
      'is done and its answer cannot be read',
      (apply: () => void) => {
        apply();
        throw new ProviderFault('unexpected-shape', 'Half a JSON.');
      },
    ],
    [
      'is done and something else goes wrong',
      (apply: () => void) => {
        apply();
        throw new TypeError('fetch failed');
      },
    ],
  ])('is written exactly once when the write %s', async (_, onSend) => {
    await editing.fill(1);
    editing.fields.onSend = onSend;
    const id = await editing.edit('c1', { headline: 'Smith', phones: [{ value: '+351 1' }] });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 1 });
    expect(editing.fields.sent).toHaveLength(1);
    expect(editing.fields.effects).toHaveLength(1);
  });

  it('is sent again only after its time, when the write never came there', async () => {
    await editing.fill(1);
    let broken = 1;
    editing.fields.onSend = (apply) => {
      if (broken-- > 0) throw new ProviderFault('unavailable', 'The connection broke.');
      apply();
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.ats.get(FieldProcessor).process(await editing.id('c1'));
    expect(await editing.change(id)).toMatchObject({ status: 'sending', code: 'checking', attempts: 1 });
    await editing.ats.get(FieldProcessor).process(await editing.id('c1'));
    expect(editing.fields.sent).toHaveLength(1);
    await editing.later('c1');
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 2 });
    expect(editing.fields.effects).toHaveLength(1);
  });

  it('is never sent again when nobody can tell whether it happened', async () => {
    await editing.fill(1);
    editing.fields.onSend = (apply) => {
      apply();
      editing.fields.put('c1', { headline: 'Somebody was here' });
      throw new ProviderFault('unavailable', 'The connection broke.');
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'refused', code: 'unclear', attempts: 1 });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Somebody was here' });
  });

  it('is refused with the sentence of the ATS, and the host shows what the ATS has', async () => {
    await editing.fill(1);
    editing.fields.onSend = refusing;
    const id = await editing.edit('c1', { headline: 'Smith', lastName: 'Oak' });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Smith' });
    await editing.work('c1');
    const message = 'Scripted does not take one of the values. The candidate shows what Scripted has.';
    expect(await editing.change(id)).toMatchObject({ status: 'refused', code: 'invalid-request', reason: message });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver', lastName: 'Neil', name: 'Zoë Neil' });
    expect(editing.corrections()).toEqual([{ message, fields: ['headline', 'lastName'] }]);
    expect((await editing.events()).filter(({ type }) => type.startsWith('field-change'))).toEqual([
      {
        type: 'field-change.requested',
        changeId: id,
        candidateId: await editing.id('c1'),
        fields: ['headline', 'lastName'],
      },
      expect.objectContaining({
        type: 'field-change.refused',
        code: 'invalid-request',
        fields: ['headline', 'lastName'],
      }),
    ]);
  });

  it('is refused field by field where the ATS takes a write and leaves one of its fields alone', async () => {
    await editing.fill(1);
    editing.fields.keep = ({ headline: _, ...others }) => others;
    const id = await editing.edit('c1', { headline: 'Smith', lastName: 'Oak' });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({
      status: 'refused',
      attempts: 1,
      reason: expect.stringContaining('"Job title"'),
      fields: [
        { field: 'headline', status: 'refused', code: 'not-taken' },
        { field: 'lastName', status: 'confirmed', code: null },
      ],
    });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver', lastName: 'Oak' });
    expect(editing.corrections()).toMatchObject([{ fields: ['headline'] }]);
  });

  it('is confirmed where the ATS keeps a value in its own form', async () => {
    await editing.fill(1);
    editing.fields.keep = (changes) => ({
      ...changes,
      phones: [{ value: '+351210000009', type: null }],
      'customFields.notice': '60.0',
    });
    const id = await editing.edit('c1', {
      phones: [{ value: '+351 210 000 009', type: 'mobile' }],
      'customFields.notice': 60,
    });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 1, reason: null });
    expect(await editing.hosted('c1')).toMatchObject({ phones: [{ value: '+351210000009', type: null }] });
  });

  it.each([
    ['who is gone', () => void editing.fields.people.delete('c1'), 'gone'],
    ['whom the ATS erased', () => editing.fields.put('c1', { anonymised: true, name: '' }), 'anonymised'],
    ['for which a scope is missing', () => void (editing.fields.scopes = ['write:people']), 'forbidden-scope'],
  ])('is refused of somebody %s, with nothing sent', async (_, happens, code) => {
    await editing.fill(1);
    await editing.ats.database.rows(`update ats.connections set scopes = '["read:people"]' where id = $1`, [
      editing.connection,
    ]);
    const id = await editing.edit('c1', { headline: 'Smith' });
    happens();
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'refused', code, attempts: 0 });
    expect(editing.fields.sent).toEqual([]);
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver' });
  });

  it('waits for the ATS to answer, and for a sign-in, and then goes out once', async () => {
    await editing.fill(1);
    let reads = 0;
    editing.fields.beforeRead = () => {
      reads += 1;
      if (reads === 1) throw new ProviderFault('rate-limited', 'Slower.', { retryAfterMs: 1000 });
      if (reads === 2) throw new ProviderFault('unavailable', 'Away.');
      if (reads === 3) throw new ProviderFault('auth-revoked', 'Sign in again.');
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'sending', code: 'reconnect-required' });
    await editing.ats.database.rows(`update ats.connections set status = 'active' where id = $1`, [editing.connection]);
    await editing.later('c1');
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 1 });
  });

  it('outlives an ATS that takes no writes for a while: it is sent ever later, and given up in the end', async () => {
    await editing.fill(1);
    editing.fields.onSend = () => {
      throw new ProviderFault('unavailable', 'Away for writes.');
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1', 8);
    expect(await editing.change(id)).toMatchObject({ status: 'sending', code: 'waiting' });
    await editing.work('c1', 30);
    expect(await editing.change(id)).toMatchObject({ status: 'refused', code: 'not-taken', attempts: 9 });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver' });
  });

  it('is not denied where it was sent and the ATS can no longer be asked: nobody can tell', async () => {
    await editing.fill(1);
    editing.fields.onSend = () => {
      editing.fields.beforeRead = () => {
        throw new ProviderFault('unavailable', 'Away.');
      };
      throw new ProviderFault('unavailable', 'Away.');
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1', 20);
    expect(await editing.change(id)).toMatchObject({
      status: 'refused',
      code: 'unclear',
      reason: expect.stringContaining('Nobody can tell whether Scripted took the edit'),
      attempts: 1,
    });
  });

  it('is given up after many failures, and the host is put right from what is here', async () => {
    await editing.fill(1);
    editing.fields.beforeRead = () => {
      throw new ProviderFault('unavailable', 'Away.');
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'refused', code: 'unreachable' });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver' });
  });
});

describe('an edit that meets another one', () => {
  const LATER = new Date('2099-01-01T00:00:00Z');
  const EARLIER = new Date('2026-03-02T00:00:00Z');
  it.each([
    ['newest', LATER, 'superseded', 'Painter'],
    ['newest', EARLIER, 'confirmed', 'Smith'],
    ['newest', null, 'superseded', 'Painter'],
    ['ats-wins', EARLIER, 'superseded', 'Painter'],
    ['elly-wins', LATER, 'confirmed', 'Smith'],
  ])('by %s, where the ATS changed it at %p, is %s', async (policy, updatedAt, status, headline) => {
    await editing.fill(1, { conflicts: { fields: { headline: policy } } });
    const id = await editing.edit('c1', { headline: 'Smith' });
    editing.fields.put('c1', { headline: 'Painter', updatedAt });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status });
    expect(editing.fields.people.get('c1')).toMatchObject({ headline });
    expect(await editing.hosted('c1')).toMatchObject({ headline });
  });

  it('is decided field by field, and says why', async () => {
    await editing.fill(1, {
      conflicts: { fields: { headline: 'ats-wins', customFields: 'ats-wins', 'customFields.notice': 'elly-wins' } },
    });
    const id = await editing.edit('c1', {
      headline: 'Smith',
      lastName: 'Oak',
      'customFields.team': 'Blue',
      'customFields.notice': 90,
    });
    const { customFields = {} } = editing.fields.people.get('c1') ?? {};
    editing.fields.put('c1', {
      headline: 'Painter',
      customFields: {
        team: { name: 'Team', type: 'short_text', value: 'Green' },
        notice: { name: 'Notice period', type: 'number', ...customFields['notice'], value: 7 },
      },
    });
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({
      status: 'superseded',
      code: 'changed-in-ats',
      fields: [
        { field: 'customFields.notice', status: 'confirmed' },
        {
          field: 'customFields.team',
          status: 'superseded',
          reason: expect.stringContaining('Somebody changed "Team" of this candidate in Scripted'),
        },
        { field: 'headline', status: 'superseded' },
        { field: 'lastName', status: 'confirmed' },
      ],
    });
    expect(editing.fields.effectsOn('c1')).toEqual([{ lastName: 'Oak', 'customFields.notice': 90 }]);
    expect(await editing.hosted('c1')).toMatchObject({
      headline: 'Painter',
      lastName: 'Oak',
      customFields: { team: { value: 'Green' }, notice: { value: 90 } },
    });
    expect(editing.corrections()).toMatchObject([{ fields: ['customFields.team', 'headline'] }]);
  });

  it('takes the place of an older one field by field while that was not sent', async () => {
    await editing.fill(1);
    const first = await editing.edit('c1', { headline: 'Smith', lastName: 'Oak' });
    const second = await editing.edit('c1', { headline: 'Miller' });
    await editing.work('c1');
    expect(await editing.change(first)).toMatchObject({
      status: 'superseded',
      fields: [
        { field: 'headline', status: 'superseded', code: 'edited-again' },
        { field: 'lastName', status: 'confirmed' },
      ],
    });
    expect(await editing.change(second)).toMatchObject({ status: 'confirmed' });
    expect(editing.fields.effectsOn('c1')).toEqual([{ lastName: 'Oak' }, { headline: 'Miller' }]);
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Miller', lastName: 'Oak' });
    expect(editing.corrections()).toEqual([]);
  });

  it('waits behind one that may have gone out, and is no conflict with it', async () => {
    await editing.fill(1, { conflicts: { fields: { headline: 'ats-wins' } } });
    let second = '';
    editing.fields.onSend = async (apply, { changes }) => {
      if (changes['headline'] === 'Smith') second = await editing.edit('c1', { headline: 'Miller' });
      apply();
    };
    const first = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    expect(await editing.change(first)).toMatchObject({ status: 'confirmed' });
    expect(await editing.change(second)).toMatchObject({ status: 'confirmed' });
    expect(editing.fields.effectsOn('c1')).toEqual([{ headline: 'Smith' }, { headline: 'Miller' }]);
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Miller' });
  });

  it('is one write for two workers at once', async () => {
    await editing.fill(1);
    const id = await editing.edit('c1', { headline: 'Smith' });
    const candidate = await editing.id('c1');
    const processor = editing.ats.get(FieldProcessor);
    await Promise.all([1, 2, 3].map(() => processor.process(candidate)));
    await editing.work('c1');
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 1 });
    expect(editing.fields.sent).toHaveLength(1);
  });
});

describe('a page beside an edit', () => {
  it('does not undo an edited field in the host, and brings all the others', async () => {
    await editing.fill(1);
    await editing.edit('c1', { firstName: 'Zoe', headline: 'Smith', 'customFields.team': 'Blue' });
    editing.fields.put('c1', { headline: 'Painter', phones: [{ value: '+351 1', type: null }] });
    await editing.page(['c1']);
    expect(await editing.hosted('c1')).toMatchObject({
      firstName: 'Zoe',
      name: 'Zoe Neil',
      headline: 'Smith',
      phones: [{ value: '+351 1' }],
      customFields: { team: { value: 'Blue' }, notice: { value: 30 } },
    });
  });

  it('that brings our own edit back tells so once, and nothing bounces', async () => {
    await editing.fill(2);
    const candidate = await editing.id('c1');
    // The page comes before the edit was read back.
    let inBetween: Promise<void> = Promise.resolve();
    editing.fields.onSend = async (apply) => {
      apply();
      inBetween = editing.page(['c1', 'c2']);
      await inBetween;
    };
    const id = await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    await editing.page(['c1', 'c2']);
    expect(await editing.change(id)).toMatchObject({ status: 'confirmed', attempts: 1 });
    const changed = (await editing.events()).filter(
      ({ type, kind }) => type === 'records.changed' && kind === 'candidate',
    );
    expect(changed.map(({ updated, own }) => ({ updated, own }))).toEqual([
      { updated: [], own: [] },
      { updated: [candidate], own: [candidate] },
    ]);
    expect(editing.fields.sent).toHaveLength(1);
    expect(await editing.isOpen('c1')).toBe(false);
  });

  it('that was asked for before an edit and comes after it does not bring the old value back, where people bear no date', async () => {
    await editing.fill(2);
    editing.fields.tellsWhen = false;
    for (const id of ['c1', 'c2']) editing.fields.put(id, { headline: 'Carpenter' });
    await editing.ats.database.rows(`update ats.candidates set version = 0 where connection_id = $1`, [
      editing.connection,
    ]);
    await editing.page(['c1', 'c2']);
    const old = ['c1', 'c2'].map((id) => ({ ...editing.fields.people.get(id)!, company: 'Acme' }));
    // The page is on its way while the edit is written and read back.
    editing.script.before = async ({ stream }) => {
      if (stream !== 'opportunities') return;
      editing.script.before = () => undefined;
      await editing.edit('c1', { headline: 'Smith' });
      await editing.work('c1');
    };
    await editing.page(old);
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Smith', company: 'Acme' });
    expect(await editing.hosted('c2')).toMatchObject({ headline: 'Carpenter', company: 'Acme' });
    // What somebody changes there afterwards comes as ever.
    editing.fields.put('c1', { headline: 'Painter' });
    await editing.page(['c1', 'c2']);
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Painter' });
  });

  it('tells nothing of an edit that was read back already, and marks it as seen', async () => {
    await editing.fill(1);
    await editing.edit('c1', { headline: 'Smith' });
    await editing.work('c1');
    const before = (await editing.events()).filter(({ type }) => type === 'records.changed').length;
    await editing.page(['c1']);
    expect((await editing.events()).filter(({ type }) => type === 'records.changed')).toHaveLength(before);
    expect(
      await editing.ats.database.value(
        `select count(*)::int from ats.own_writes where connection_id = $1 and seen_at is not null and confirmed_at is not null`,
        [editing.connection],
      ),
    ).toBe(1);
  });
});

describe('of a person whom the ATS erased', () => {
  it('no hash of what was written is left, and of others what is needed still', async () => {
    await editing.fill(2);
    const { database } = editing.ats;
    for (const id of ['c1', 'c2']) {
      await editing.edit(id, { emails: [{ value: `${id}@new.example`, type: 'work' }] });
      await editing.work(id);
    }
    const kept = () =>
      database.rows<{ remote_id: string; field: string }>(
        `select remote_id, field from ats.own_writes where connection_id = $1 order by remote_id`,
        [editing.connection],
      );
    const befores = () =>
      database.rows(
        `select t.before from ats.field_change_attempts t join ats.field_changes s on s.id = t.change_id where s.connection_id = $1`,
        [editing.connection],
      );
    expect(await kept()).toMatchObject([{ remote_id: 'c1' }, { remote_id: 'c2' }]);
    expect(await befores()).toEqual([{ before: {} }, { before: {} }]);
    editing.script.scripts.set('opportunities', [
      { gone: [{ kind: 'candidate', remoteId: 'c1', tombstone: 'anonymised', intoRemoteId: null, at: null }] },
    ]);
    expect(await editing.ats.sync(editing.connection, 'incremental')).toMatchObject({ status: 'completed' });
    expect(await kept()).toMatchObject([{ remote_id: 'c2' }]);
  });
});

describe('what nobody wakes', () => {
  it('is found by the sweep, and refused where the connection ended or the person was erased', async () => {
    await editing.fill(3);
    const lost = await editing.edit('c1', { headline: 'Smith' });
    const erased = await editing.edit('c2', { headline: 'Smith' });
    const { database, queue } = editing.ats;
    await database.rows(`update ats.candidates set tombstone = 'anonymised' where id = $1`, [await editing.id('c2')]);
    queue.items.length = 0;
    await editing.ats.get(FieldSchedule).sweep();
    expect(await editing.change(erased)).toMatchObject({ status: 'refused', code: 'anonymised' });
    expect(queue.items.map(({ id }) => id)).toContain(await editing.id('c1'));
    await database.rows(`update ats.connections set status = 'disconnected', sealed_credentials = null where id = $1`, [
      editing.connection,
    ]);
    await editing.ats.get(FieldSchedule).sweep();
    expect(await editing.change(lost)).toMatchObject({ status: 'refused', code: 'disconnected' });
    expect(await editing.hosted('c1')).toMatchObject({ headline: 'Weaver' });
    expect(editing.fields.sent).toEqual([]);
    expect(
      await database.value(
        `select count(*)::int from ats.field_change_values where wanted is not null and change_id = any($1::uuid[])`,
        [[lost, erased]],
      ),
    ).toBe(0);
  });
});

describe('the settings of fields', () => {
  it('may only narrow, and the details of the connection show what holds', async () => {
    await editing.fill(1);
    const preferences = editing.ats.get(ConnectionPreferences);
    const change = (changes: object) => preferences.change(editing.workspace, editing.connection, changes);
    for (const wrong of [
      { fields: { candidate: { salary: 'read-only' } } },
      { fields: { job: { title: 'read-only' } } },
      { fields: { candidate: { name: 'bidirectional' } } },
      { fields: { candidate: { 'customFields.score': 'bidirectional' } } },
      { conflicts: { fields: { salary: 'newest' } } },
    ]) {
      await expect(change(wrong)).rejects.toMatchObject({ code: 'invalid-request' });
    }
    expect(await preferences.read(editing.workspace, editing.connection)).toEqual({});
    await change({
      fields: { candidate: { headline: 'read-only', emails: 'bidirectional', 'customFields.team': 'read-only' } },
    });
    const { fields } = await editing.ats.get(ConnectionOverview).details(editing.workspace, editing.connection);
    const directions = Object.fromEntries((fields.candidate ?? []).map(({ field, direction }) => [field, direction]));
    expect(directions).toEqual({
      firstName: 'bidirectional',
      lastName: 'bidirectional',
      emails: 'bidirectional',
      phones: 'bidirectional',
      headline: 'read-only',
      customFields: 'bidirectional',
      'customFields.team': 'read-only',
      name: 'read-only',
      'customFields.score': 'read-only',
      links: 'read-only',
    });
    await change({ fields: null });
    await editing.edit('c1', { headline: 'Smith' });
  });
});
