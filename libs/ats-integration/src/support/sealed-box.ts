import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AtsError } from './ats-error.js';

export interface SealingKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly secret: string;
}

const FORMAT = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key ring: the first key seals, every key opens. `context` is authenticated with the text, so a
 * sealed value moved to another row, tenant or column does not open. Form: `v1.<key id>.<base64url(nonce|tag|text)>`.
 */
export class SealedBox {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #sealingId: string;

  constructor(ring: readonly SealingKey[]) {
    const [first] = ring;
    if (first === undefined)
      throw new AtsError('no-encryption-key', 'Give at least one encryption key in `encryptionKeys`.');
    this.#sealingId = first.id;
    this.#keys = new Map(ring.map((key) => [key.id, Buffer.from(key.secret, 'base64')]));
    if (this.#keys.size !== ring.length) {
      throw new AtsError(
        'duplicate-encryption-key',
        'Two encryption keys share one id; give each key of `encryptionKeys` its own.',
      );
    }
  }

  seal(text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#sealingId), nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${FORMAT}.${this.#sealingId}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** @throws AtsError `cannot-open` when the value was altered, moved, or sealed by a key that is no longer in the ring. */
  open(sealed: string, context: string): string {
    const [format, keyId, body] = sealed.split('.');
    if (format !== FORMAT || keyId === undefined || body === undefined) throw cannotOpen('it is not a sealed value');
    const key = this.#key(keyId);
    const bytes = Buffer.from(body, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw cannotOpen('it is truncated');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
        'utf8',
      );
    } catch {
      throw cannotOpen('it was altered or belongs to something else');
    }
  }

  /** What every value begins with that was sealed by the key that seals today. */
  get currentPrefix(): string {
    return `${FORMAT}.${this.#sealingId}.`;
  }

  /** Whether the value was sealed by the key that seals today. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(this.currentPrefix);
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw cannotOpen(`key "${id}" is not in the ring; put it back into \`encryptionKeys\``);
    return key;
  }
}

function cannotOpen(why: string): AtsError {
  return new AtsError('cannot-open', `A sealed value cannot be opened: ${why}.`);
}
