import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppConfig } from '../configuration/app-config.js';
import { FolderFileStore } from './folder-file-store.js';

describe('FolderFileStore', () => {
  let folder: string;
  let store: FolderFileStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'elly-files-'));
    store = new FolderFileStore(await AppConfig.from({ DATA_DIR: folder, NODE_ENV: 'test' }));
    await store.onModuleInit();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (key: string, content: Readable | string, filename = 'cv.pdf') =>
    store.put({
      key,
      filename,
      contentType: 'application/pdf',
      stream: typeof content === 'string' ? Readable.from([content]) : content,
    });
  const read = async (reference: string) => {
    const file = await store.open(reference);
    return file === null ? null : text(file.stream);
  };
  const filesIn = async () =>
    (await readdir(join(folder, 'files'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);

  it('gives back what was put, with its size', async () => {
    const stored = await put('connection/candidate/1', 'a résumé');
    expect(stored.size).toBe(Buffer.byteLength('a résumé'));
    expect(await read(stored.reference)).toBe('a résumé');
  });

  it('replaces the file when the same key is put again', async () => {
    const first = await put('k', 'old');
    const second = await put('k', 'new');
    expect(second.reference).toBe(first.reference);
    expect(await read(first.reference)).toBe('new');
    expect(await filesIn()).toHaveLength(1);
  });

  it('keeps nothing of a stream that fails', async () => {
    async function* failing() {
      yield Buffer.from('the first part');
      throw new Error('larger than 20 MiB');
    }
    await expect(put('k', Readable.from(failing()))).rejects.toThrow('larger than 20 MiB');
    expect(await filesIn()).toEqual([]);
  });

  it('keeps the file that is there when its replacement fails', async () => {
    const { reference } = await put('k', 'whole');
    const broken = new Readable({
      read() {
        this.destroy(new Error('connection reset'));
      },
    });
    await expect(put('k', broken)).rejects.toThrow('connection reset');
    expect(await read(reference)).toBe('whole');
    expect(await filesIn()).toHaveLength(1);
  });

  it.each(['../../../etc/passwd', '/etc/passwd', 'a/../../b', 'nul\0byte', '..\\..\\windows', 'x'.repeat(5000)])(
    'stays in its folder whatever the key and the name say: %j',
    async (name) => {
      const { reference } = await put(name, 'harmless', name);
      expect(reference).toMatch(/^[0-9a-f]{64}$/);
      expect(await read(reference)).toBe('harmless');
      expect(await readdir(folder)).toEqual(expect.not.arrayContaining(['etc', 'passwd']));
    },
  );

  it.each(['../encryption-keys', '/etc/passwd', ''])(
    'neither opens nor removes what it did not name itself: %j',
    async (reference) => {
      await writeFile(join(folder, 'encryption-keys'), 'secret');
      expect(await store.open(reference)).toBeNull();
      await store.remove(reference);
      expect(await readdir(folder)).toContain('encryption-keys');
    },
  );

  it('removes a file, and does not mind when it is gone', async () => {
    const { reference } = await put('k', 'bytes');
    await store.remove(reference);
    await store.remove(reference);
    expect(await store.open(reference)).toBeNull();
    expect(await filesIn()).toEqual([]);
  });

  it('clears away at start what a crash left half-written, but not what is being written now', async () => {
    const incoming = join(folder, 'files', 'incoming');
    await writeFile(join(incoming, 'old'), 'half');
    await writeFile(join(incoming, 'fresh'), 'half');
    const longAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    await utimes(join(incoming, 'old'), longAgo, longAgo);
    await store.onModuleInit();
    expect(await filesIn()).toEqual(['fresh']);
  });
});
