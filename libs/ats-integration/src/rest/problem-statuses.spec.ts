import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROBLEM_STATUSES } from './problem-statuses.js';

const SOURCE = join(import.meta.dirname, '..');

/** First arguments of all `new AtsError(…)`: a quoted code, or whatever else stands there. */
async function codesInSource(): Promise<string[]> {
  const files = (await readdir(SOURCE, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(SOURCE, file), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/new AtsError\(\s*([^,)]*)/g)].map(([, code]) => code ?? ''));
}

describe('the status of a problem', () => {
  it('is declared for every code that the library throws (a refusal came as 500)', async () => {
    const codes = new Set(await codesInSource());
    expect(codes.size).toBeGreaterThan(20);
    const undeclared = [...codes].filter((code) => !Object.hasOwn(PROBLEM_STATUSES, code.replaceAll("'", '')));
    expect(undeclared).toEqual([]);
  });

  it('is declared for no code that nothing throws', async () => {
    const thrown = new Set((await codesInSource()).map((code) => code.replaceAll("'", '')));
    expect(Object.keys(PROBLEM_STATUSES).filter((code) => !thrown.has(code))).toEqual([]);
  });

  it.each([
    ['access-denied', 403],
    ['wrong-issuer', 400],
    ['authorisation-failed', 400],
    ['not-oauth', 409],
  ])('of %s is %i', (code, status) => {
    expect(PROBLEM_STATUSES[code]).toBe(status);
  });
});
