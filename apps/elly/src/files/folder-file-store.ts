import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileStore, IncomingFile, StoredFile } from '@elly/ats-integration';
import type { OnModuleInit } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../configuration/app-config.js';

const REFERENCE = /^[0-9a-f]{64}$/;
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Files in a folder. A file is written under a temporary name and renamed when it is whole, so a reader never meets half a
 * file. Its name is a hash of its key: nothing that came from outside ever becomes part of a path.
 */
@Injectable()
export class FolderFileStore implements FileStore, OnModuleInit {
  readonly #folder: string;
  readonly #incoming: string;

  constructor(config: AppConfig) {
    this.#folder = config.filesDirectory;
    this.#incoming = join(config.filesDirectory, 'incoming');
  }

  /** What a crash left half-written. Another process may be writing right now: only old files go. */
  async onModuleInit(): Promise<void> {
    await mkdir(this.#incoming, { recursive: true });
    for (const name of await readdir(this.#incoming)) {
      const path = join(this.#incoming, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
    }
  }

  async put(file: IncomingFile): Promise<StoredFile> {
    const reference = createHash('sha256').update(file.key).digest('hex');
    const temporary = join(this.#incoming, randomUUID());
    await mkdir(this.#incoming, { recursive: true });
    // Flushed before it is renamed: the database will say that the file exists.
    const sink = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
    try {
      await pipeline(file.stream, sink);
      const path = this.#pathOf(reference);
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return { reference, size: sink.bytesWritten };
  }

  async remove(reference: string): Promise<void> {
    if (REFERENCE.test(reference)) await rm(this.#pathOf(reference), { force: true });
  }

  /** The bytes, or null when the file is gone. */
  async open(reference: string): Promise<{ readonly stream: Readable; readonly size: number } | null> {
    if (!REFERENCE.test(reference)) return null;
    const path = this.#pathOf(reference);
    const found = await stat(path).catch(() => null);
    return found === null ? null : { stream: createReadStream(path), size: found.size };
  }

  #pathOf(reference: string): string {
    return join(this.#folder, reference.slice(0, 2), reference);
  }
}
