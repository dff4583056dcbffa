import { Problem } from './problem.js';

const DEEPEST = 32;
/** What JavaScript's objects are made of: as a field's name these are an attack and nothing else (ASVS 15.3.6). */
const NO_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Takes only what is data all the way down. Whatever a schema makes of it: texts that Postgres can keep as they are, names
 * that are no part of an object's own machinery, and no more depth than any body of ours has, because what walks an
 * input calls itself.
 * @throws Problem 400; it does not repeat the input.
 */
export function refuseUnlessPlain(input: unknown): void {
  const waiting: [value: unknown, depth: number][] = [[input, 0]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, depth] = next;
    if (typeof value === 'string') refuseUnlessStorable(value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth === DEEPEST) throw refused(`it is nested more than ${DEEPEST} deep`);
    for (const [name, inner] of Object.entries(value)) {
      if (NO_NAMES.has(name)) throw refused(`no field is called ${name}`);
      refuseUnlessStorable(name);
      waiting.push([inner, depth + 1]);
    }
  }
}

function refuseUnlessStorable(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw refused('a text holds NUL or half of a surrogate pair');
  }
}

function refused(why: string): Problem {
  return new Problem(400, 'invalid-request', `The request is not valid: ${why}.`);
}
