import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startAtsDatabase } from '../testing-support/ats-database.js';
import type { AtsDatabase } from '../testing-support/ats-database.js';
import { query } from './query.js';
import { textArray } from './text-array.js';

describe('textArray', () => {
  let database: AtsDatabase;

  beforeAll(async () => {
    database = await startAtsDatabase();
  });
  afterAll(() => database.stop());

  it('arrives as it was sent, whatever is in it', async () => {
    const value = fc.option(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')));
    await fc.assert(
      fc.asyncProperty(fc.array(value), async (values) => {
        const rows = await query<{ value: string | null }>(
          database.em(),
          `select value from unnest($1::text[]) with ordinality as given(value, nth) order by nth`,
          [textArray(values)],
        );
        expect(rows.map((row) => row.value)).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });
});
