import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CandidateRecord } from '../contract/records.js';
import { startAtsDatabase } from '../testing-support/ats-database.js';
import type { AtsDatabase } from '../testing-support/ats-database.js';
import { aCandidate, aResume, after } from '../testing-support/records.js';
import { columnTexts, serialiseRow } from './serialise-row.js';
import { readKnown, upsertRecords } from './upsert-records.js';
import type { UpsertResult } from './upsert-records.js';

describe('upsertRecords', () => {
  let database: AtsDatabase;
  let connection: string;

  beforeAll(async () => {
    database = await startAtsDatabase();
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    connection = randomUUID();
    await database.rows(
      `insert into ats.connections (id, workspace_id, provider, status, created_by, created_at) values ($1, 'w', 'p', 'authorizing', 'u', now())`,
      [connection],
    );
  });

  async function write(...candidates: CandidateRecord[]): Promise<UpsertResult<'candidate'>> {
    const ids = candidates.map(({ remoteId }) => remoteId);
    const known = await readKnown(database.em(), 'candidate', connection, ids);
    return upsertRecords(database.em(), 'candidate', connection, candidates, known);
  }
  const rows = (columns: string): Promise<Record<string, unknown>[]> =>
    database.rows(`select ${columns} from ats.candidates where connection_id = $1 order by remote_id`, [connection]);
  const changes = ({ changed, unchanged }: UpsertResult<'candidate'>): unknown => ({
    changed: changed.map(({ record, created }) => [record.remoteId, created]).sort(),
    unchanged,
  });

  it('inserts what is new, updates what changed and leaves alone what is as it was', async () => {
    expect(changes(await write(aCandidate('c1'), aCandidate('c2')))).toEqual({
      changed: [
        ['c1', true],
        ['c2', true],
      ],
      unchanged: 0,
    });
    const [first] = await rows('id, xmin::text, changed_at::text');
    const again = await write(aCandidate('c1'), aCandidate('c2', { name: 'Ann', updatedAt: after(1) }));
    expect(changes(again)).toEqual({ changed: [['c2', false]], unchanged: 1 });
    expect([...again.ids.keys()].sort()).toEqual(['c1', 'c2']);
    expect((await rows('id, xmin::text, changed_at::text'))[0]).toEqual(first);
    expect(await rows('name')).toEqual([{ name: 'Candidate c1' }, { name: 'Ann' }]);
  });

  it('never lets an older state overwrite a newer one', async () => {
    await write(aCandidate('c1', { name: 'New', updatedAt: after(10) }));
    expect(changes(await write(aCandidate('c1', { name: 'Old', updatedAt: after(5) })))).toEqual({
      changed: [],
      unchanged: 1,
    });
    // The writer that read before the newer one committed is stopped by the statement itself.
    const late = await upsertRecords(
      database.em(),
      'candidate',
      connection,
      [aCandidate('c1', { name: 'Old', updatedAt: after(5) })],
      new Map(),
    );
    expect(late.changed).toEqual([]);
    expect(await rows('name')).toEqual([{ name: 'New' }]);
  });

  it('ends in the newest state, in whatever order and however often the states come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
        fc.uuid(),
        async (versions, remoteId) => {
          for (const version of versions) {
            await write(aCandidate(remoteId, { name: `State ${version}`, updatedAt: after(version) }));
          }
          const stored = await database.value(
            `select name from ats.candidates where connection_id = $1 and remote_id = $2`,
            [connection, remoteId],
          );
          expect(stored).toBe(`State ${Math.max(...versions)}`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is not undone by an old state that comes after a newer one brought back what was there before', async () => {
    const kept = { name: 'Ann' };
    await write(aCandidate('c1', { ...kept, updatedAt: after(1) }));
    expect(changes(await write(aCandidate('c1', { ...kept, updatedAt: after(3) })))).toEqual({
      changed: [],
      unchanged: 1,
    });
    await write(aCandidate('c1', { name: 'Anne', updatedAt: after(2) }));
    expect(await rows('name')).toEqual([kept]);
  });

  it('does not pin what another wrote in between under the version of a state that confirmed what was there', async () => {
    await write(aCandidate('c1', { name: 'Ann', updatedAt: after(1) }));
    const stale = await readKnown(database.em(), 'candidate', connection, ['c1']);
    await write(aCandidate('c1', { name: 'Anne', updatedAt: after(2) }));
    const newest = aCandidate('c1', { name: 'Ann', updatedAt: after(3) });
    const result = await upsertRecords(database.em(), 'candidate', connection, [newest], stale);
    expect(changes(result)).toEqual({ changed: [['c1', false]], unchanged: 0 });
    expect(await rows('name')).toEqual([{ name: 'Ann' }]);
  });

  it('keeps harmlessly what JSON allows and Postgres refuses, and keys that JavaScript minds', async () => {
    const customFields = JSON.parse(
      '{"__proto__":{"name":"x","type":"text","value":"polluted"},"constructor":{"name":"c","type":"text","value":"a\\u0000b\\ud800"}}',
    ) as CandidateRecord['customFields'];
    await write(
      aCandidate('c1', {
        name: `A\u0000n\ud800n \\u0000 \\\u0000 ${'é'.repeat(10)}😀`,
        tags: ['\udfff', 'x'.repeat(100_000)],
        customFields,
      }),
    );
    const [row] = await rows(`name, length(tags->>1) as size, custom_fields::text as fields`);
    expect(row?.['name']).toBe(`A\ufffdn\ufffdn \\u0000 \\\ufffd ${'é'.repeat(10)}😀`);
    expect(row?.['size']).toBe(100_000);
    expect(row?.['fields']).toContain('"__proto__"');
    expect(({} as Record<string, unknown>)['value']).toBeUndefined();
  });

  it('writes 1,200 rows whole', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => aCandidate(`c${index}`));
    const { changed, ids } = await write(...many);
    expect([changed.length, ids.size]).toEqual([1200, 1200]);
    expect(await rows('remote_id')).toHaveLength(1200);
    expect(new Set(changed.map(({ id }) => id)).size).toBe(1200);
  });

  it('takes the last of several rows with one id', async () => {
    const { changed } = await write(aCandidate('c1', { name: 'First' }), aCandidate('c1', { name: 'Last' }));
    expect(changed).toHaveLength(1);
    expect(await rows('name')).toEqual([{ name: 'Last' }]);
  });

  it('brings a row back that was gone, under the id that it had', async () => {
    const { ids } = await write(aCandidate('c1'));
    await database.rows(`update ats.candidates set tombstone = 'deleted' where connection_id = $1`, [connection]);
    await write(aCandidate('c1'));
    expect(await rows('id, tombstone')).toEqual([{ id: ids.get('c1'), tombstone: null }]);
  });

  it('keeps the records of two connections apart (ASVS 8.4.1)', async () => {
    await write(aCandidate('c1', { name: 'Ours' }));
    expect(await readKnown(database.em(), 'candidate', randomUUID(), ['c1'])).toEqual(new Map());
  });

  it('fetches a file again when its record changed, not when only its link did', async () => {
    const write = async (changes: Parameters<typeof aResume>[1]): Promise<void> => {
      const known = await readKnown(database.em(), 'resume', connection, ['r1']);
      const locator = ({ locator }: { locator: unknown }) => ({ locator: locator as string });
      await upsertRecords(database.em(), 'resume', connection, [aResume('r1', changes)], known, { derive: locator });
    };
    const state = (): Promise<string> =>
      database.value(`select file_state from ats.resumes where connection_id = $1`, [connection]);
    await write({});
    await database.rows(`update ats.resumes set file_state = 'stored' where connection_id = $1`, [connection]);
    await write({ locator: 'another signed link' });
    expect(await state()).toBe('stored');
    await write({ filename: 'new.pdf', updatedAt: after(1) });
    expect(await state()).toBe('pending');
  });
});

describe('serialiseRow', () => {
  const COLUMNS = { text: 'text', more: 'text', json: 'json' };
  const texts = (fields: Parameters<typeof columnTexts>[1]): ReturnType<typeof columnTexts> =>
    columnTexts(COLUMNS, fields);
  const hash = (fields: Parameters<typeof columnTexts>[1], version = 1): string =>
    serialiseRow('r', version, texts(fields)).hash;

  it('has one hash for one content, whatever its version', () => {
    expect(hash({ text: 'x', json: [1] }, 1)).toBe(hash({ text: 'x', json: [1] }, 2));
    expect(hash({ text: 'x' })).not.toBe(hash({ text: 'y' }));
    expect(hash({ text: 'x' })).not.toBe(hash({ more: 'x' }));
    expect(hash({ text: 'xy' })).not.toBe(hash({ text: 'x', more: 'y' }));
    expect(hash({ json: '1' })).not.toBe(hash({ json: 1 }));
    expect(hash({ text: null })).not.toBe(hash({ text: '' }));
    expect(hash({ text: null })).not.toBe(hash({ text: 'n' }));
  });

  it('leaves characters of private use as they came beside what cannot be stored', () => {
    const odd = '\ue000 \\u0000 \\\0';
    const stored = '\ue000 \\u0000 \\\ufffd';
    const [text, , json] = texts({ text: odd, json: { odd } });
    expect(text).toBe(stored);
    expect(JSON.parse(json ?? '')).toEqual({ odd: stored });
  });

  it('always gives what Postgres takes, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('', '\\', '\0', '\ud800', '\\u0000'),
        (given, odd) => {
          const [text, , json] = texts({ text: given + odd + given, json: given + odd + given });
          expect(text).not.toMatch(/[\0\p{Surrogate}]/u);
          expect(JSON.parse(json ?? '')).not.toMatch(/[\0\p{Surrogate}]/u);
        },
      ),
    );
  });
});
