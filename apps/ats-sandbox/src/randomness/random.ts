// Looked up once: inside a sandboxed global object (a test runner's) each look-up of `Math` costs more than the arithmetic.
const { imul, floor } = Math;

/**
 * Numbers that look random and depend on nothing but their keys: record 700,000 is the same whether or not the others
 * were ever looked at (a 32-bit mix in the manner of MurmurHash3's finaliser).
 */
export function mix(seed: number, index: number, salt: number): number {
  let h = (seed ^ imul(index + 1, 0x9e3779b1) ^ imul(salt + 1, 0x85ebca6b)) >>> 0;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** In [0, 1). */
export function fraction(seed: number, index: number, salt: number): number {
  return mix(seed, index, salt) / 0x1_0000_0000;
}

/** In [0, below). */
export function integer(seed: number, index: number, salt: number, below: number): number {
  return floor(fraction(seed, index, salt) * below);
}

export function pick<Item>(items: readonly Item[], seed: number, index: number, salt: number): Item {
  const item = items[integer(seed, index, salt, items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
}

/** A stable UUID (version 4 in form) for a record that the vendor names by UUID. */
export function uuid(seed: number, index: number, salt: number): string {
  const word = (part: number): string =>
    mix(seed, index, salt * 31 + part)
      .toString(16)
      .padStart(8, '0');
  const [a, b, c, d] = [word(1), word(2), word(3), word(4)];
  const variant = ((parseInt(c.slice(0, 1), 16) & 0x3) | 0x8).toString(16);
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}
