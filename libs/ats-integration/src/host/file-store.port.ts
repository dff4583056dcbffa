import type { Readable } from 'node:stream';

export interface IncomingFile {
  /** Stable for one file of one record: putting the same key again replaces it, so that a repeated download is harmless. Contains no personal data. */
  readonly key: string;
  /** As the ATS names it: show it, never use it as a path. */
  readonly filename: string;
  readonly contentType: string;
  /** Ends with an error when the file exceeds the size limit: nothing of it may be kept then. */
  readonly stream: Readable;
}

export interface StoredFile {
  /** What the host needs to find it again. */
  readonly reference: string;
  /** Bytes. */
  readonly size: number;
}

/** Where résumés go. Bytes stream through; nothing is held in memory. */
export interface FileStore {
  /** @throws when the stream fails: keep nothing then. */
  put(file: IncomingFile): Promise<StoredFile>;
  /** Destroys what was stored; an unknown reference is no error. */
  remove(reference: string): Promise<void>;
}
export const FileStore = Symbol('FileStore');
