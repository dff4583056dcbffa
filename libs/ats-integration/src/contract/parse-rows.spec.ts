import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ProviderFault } from './fault.js';
import { parseRows } from './parse-rows.js';

const schema = z.looseObject({ id: z.union([z.int(), z.string()]), emails: z.array(z.string()) });

describe('parsing the rows of a page', () => {
  it('rejects one bad row by field and expectation and lets the rest go on', () => {
    const page = parseRows(
      [
        { id: 1, emails: ['a@example.test'] },
        { id: 8589934592001, emails: [42] },
      ],
      'candidate',
      schema,
    );
    expect(page.rows).toHaveLength(1);
    expect(page.rejected).toEqual([
      { kind: 'candidate', remoteId: '8589934592001', reason: 'emails[0]: expected string, received number' },
    ]);
  });

  it('never puts a value into the reason', () => {
    const { rejected } = parseRows(
      [
        { id: 1, emails: [] },
        { id: 'x', emails: 'ines@example.test' },
      ],
      'candidate',
      schema,
    );
    expect(JSON.stringify(rejected)).not.toContain('ines');
  });

  it('keeps a row that does not say who it is as rejected without an id', () => {
    const { rejected } = parseRows([{ id: 1, emails: [] }, null, { id: {} }], 'candidate', schema);
    expect(rejected.map((row) => row.remoteId)).toEqual([null, null]);
    expect(rejected[0]?.reason).toBe('row: expected object, received null');
    expect(rejected[1]?.reason).toContain('id: expected number or string');
  });

  it('stops at a page of nulls instead of running past it', () => {
    const fault = catchFault(() => parseRows([null, null], 'candidate', schema));
    expect(fault.code).toBe('unexpected-shape');
    expect(fault.message).toContain('2 candidate rows');
  });

  it('takes an empty page for what it is', () => {
    expect(parseRows([], 'job', schema)).toEqual({ rows: [], rejected: [] });
  });
});

function catchFault(work: () => unknown): ProviderFault {
  try {
    work();
  } catch (error) {
    if (error instanceof ProviderFault) return error;
  }
  throw new Error('no fault was thrown');
}
