import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes in base64. */
  readonly secret: string;
}

const FILE = 'encryption-keys';

/** Reads `id:base64,id:base64`: the first key seals, all open. */
export function parseEncryptionKeys(text: string): readonly EncryptionKey[] {
  return text.split(',').map((entry) => {
    const [id, secret, ...rest] = entry.trim().split(':');
    if (
      id === undefined ||
      id === '' ||
      secret === undefined ||
      rest.length > 0 ||
      Buffer.from(secret, 'base64').length !== 32
    ) {
      throw new Error(
        'ENCRYPTION_KEYS must be `id:base64` of 32 bytes each, comma separated; make one with: openssl rand -base64 32',
      );
    }
    return { id, secret };
  });
}

/** Development: a key made once and kept in the data folder, so that connections survive a restart. */
export async function keptEncryptionKeys(dataDirectory: string): Promise<readonly EncryptionKey[]> {
  const path = join(dataDirectory, FILE);
  await mkdir(dataDirectory, { recursive: true });
  try {
    // `wx` lets one of two processes that start together win; the other reads what it wrote.
    await writeFile(path, `dev:${randomBytes(32).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return parseEncryptionKeys((await readFile(path, 'utf8')).trim());
}
