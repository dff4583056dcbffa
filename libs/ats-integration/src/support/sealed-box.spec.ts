import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SealedBox } from './sealed-box.js';
import type { SealingKey } from './sealed-box.js';

const aKey = (id: string): SealingKey => ({ id, secret: randomBytes(32).toString('base64') });
const SECRET = 'refresh-token é✓ of a customer';
const CONTEXT = 'v1|workspace|connection|connections.sealed_credentials';

/** The sealed value with its bytes changed. */
function alter(sealed: string, change: (bytes: Buffer) => Buffer): string {
  const [format, keyId, body] = sealed.split('.');
  return `${format}.${keyId}.${change(Buffer.from(body ?? '', 'base64url')).toString('base64url')}`;
}

describe('SealedBox', () => {
  const old = aKey('old');
  const box = new SealedBox([old]);

  it.each(['', 'x', SECRET, 'long '.repeat(20_000)])('opens what it sealed', (text) => {
    expect(box.open(box.seal(text, CONTEXT), CONTEXT)).toBe(text);
  });

  it('shows nothing of the text in the sealed value', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    expect(sealed).toMatch(/^v1\.old\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('refresh');
  });

  it('does not open a value that was moved to another row, workspace or column (ASVS 11.3.2)', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    for (const part of ['workspace', 'connection|', 'sealed_credentials', 'v1']) {
      expect(() => box.open(sealed, CONTEXT.replace(part, 'other'))).toThrow('altered or belongs to something else');
    }
  });

  it('does not open a value of which any single byte was altered: nonce, tag or text', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    const length = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').length;
    for (let position = 0; position < length; position += 1) {
      const altered = alter(sealed, (bytes) => {
        bytes[position] = (bytes[position] ?? 0) ^ 0x01;
        return bytes;
      });
      expect(() => box.open(altered, CONTEXT)).toThrow(expect.objectContaining({ code: 'cannot-open' }));
    }
  });

  it('does not open a value cut off at any length', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    for (let length = 0; length < sealed.length - 1; length += 1) {
      expect(() => box.open(sealed.slice(0, length), CONTEXT)).toThrow(
        expect.objectContaining({ code: 'cannot-open' }),
      );
    }
  });

  it.each(['', 'plain text', 'v2.old.AAAA', 'v1.old', '..', 'v1..'])(
    'does not take "%s" for a sealed value',
    (text) => {
      expect(() => box.open(text, CONTEXT)).toThrow(expect.objectContaining({ code: 'cannot-open' }));
    },
  );

  it('names the key that is missing from the ring and says to put it back', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    expect(() => new SealedBox([aKey('new')]).open(sealed, CONTEXT)).toThrow(
      'key "old" is not in the ring; put it back into `encryptionKeys`',
    );
  });

  it('does not open with another key that took over the same id', () => {
    const sealed = box.seal(SECRET, CONTEXT);
    expect(() => new SealedBox([aKey('old')]).open(sealed, CONTEXT)).toThrow('altered or belongs to something else');
  });

  it('seals with the first key of the ring and opens with all of them (ASVS 13.3.4)', () => {
    const rotated = new SealedBox([aKey('new'), old]);
    const before = box.seal(SECRET, CONTEXT);
    const since = rotated.seal(SECRET, CONTEXT);
    expect(rotated.open(before, CONTEXT)).toBe(SECRET);
    expect(rotated.open(since, CONTEXT)).toBe(SECRET);
    expect(since).toMatch(/^v1\.new\./);
    expect([rotated.isCurrent(before), rotated.isCurrent(since)]).toEqual([false, true]);
  });

  it('never uses a nonce twice (ASVS 11.3.4)', () => {
    const nonces = Array.from({ length: 1000 }, () => {
      const body = box.seal(SECRET, CONTEXT).split('.')[2] ?? '';
      return Buffer.from(body, 'base64url').subarray(0, 12).toString('hex');
    });
    expect(new Set(nonces).size).toBe(1000);
  });

  it('refuses a ring without keys and a ring in which two keys share an id', () => {
    expect(() => new SealedBox([])).toThrow('Give at least one encryption key in `encryptionKeys`.');
    expect(() => new SealedBox([aKey('a'), aKey('a')])).toThrow('Two encryption keys share one id');
  });
});
