import { mix } from '../randomness/random.js';

/** What sort of record an id names; ids of different sorts never coincide by construction. */
export const ID_SALTS = {
  contact: 1,
  opportunity: 2,
  application: 3,
  posting: 4,
  user: 5,
  stage: 6,
  archiveReason: 7,
  resume: 8,
} as const;
export type IdKind = keyof typeof ID_SALTS;

/**
 * The first 32 bits of a record's UUID: a bijection of its index, so that an id leads back to its record without a table
 * of a million strings, and ids sort by this number alone.
 */
export function idWord(seed: number, index: number, kind: IdKind): number {
  let h = (index ^ key(seed, kind)) >>> 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The index behind the first 32 bits of an id. */
export function indexOfWord(seed: number, word: number, kind: IdKind): number {
  let h = word;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7ed1b41d);
  h ^= (h >>> 13) ^ (h >>> 26);
  h = Math.imul(h, 0xa5cb9243);
  h ^= h >>> 16;
  return (h ^ key(seed, kind)) >>> 0;
}

/** The UUID (version 4 in form) of a record. */
export function recordId(seed: number, index: number, kind: IdKind): string {
  const salt = ID_SALTS[kind] * 64;
  const [a, b, c, d] = [
    idWord(seed, index, kind),
    mix(seed, index, salt),
    mix(seed, index, salt + 1),
    mix(seed, index, salt + 2),
  ];
  const [second, third, fourth] = [hex(b), hex(c), hex(d)];
  const variant = (8 + (c >>> 30)).toString(16);
  return `${hex(a)}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`;
}

/** The index of the record that an id names; undefined for an id that this account could never have issued. */
export function indexOfId(seed: number, id: string, kind: IdKind): number | undefined {
  if (!/^[0-9a-f]{8}-/.test(id)) return undefined;
  const index = indexOfWord(seed, parseInt(id.slice(0, 8), 16), kind);
  return recordId(seed, index, kind) === id ? index : undefined;
}

function key(seed: number, kind: IdKind): number {
  return mix(seed, ID_SALTS[kind], 0x1d);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
