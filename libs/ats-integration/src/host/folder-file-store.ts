import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import type { FileStore, IncomingFile, StoredFile } from './file-store.port.js';

/** The default: files in a folder, under names of our own. A file appears whole or not at all. */
@Injectable()
export class FolderFileStore implements FileStore {
  constructor(private readonly folder: string = join(process.cwd(), '.ats-files')) {}

  async put(file: IncomingFile): Promise<StoredFile> {
    await mkdir(this.folder, { recursive: true });
    const reference = createHash('sha256').update(file.key).digest('hex');
    const unfinished = join(this.folder, `${reference}.${randomUUID()}.part`);
    try {
      await pipeline(file.stream, createWriteStream(unfinished, { mode: 0o600 }));
      const { size } = await stat(unfinished);
      await rename(unfinished, join(this.folder, reference));
      return { reference, size };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async remove(reference: string): Promise<void> {
    if (/^[0-9a-f]{64}$/.test(reference)) await rm(join(this.folder, reference), { force: true });
  }
}
