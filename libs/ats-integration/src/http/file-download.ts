import { isIP } from 'node:net';
import { Readable, Transform, pipeline } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import type { FileSource } from '../contract/ats-provider.js';
import { ProviderFault } from '../contract/fault.js';
import { AtsError } from '../support/ats-error.js';
import { AtsOptions } from '../support/options-token.js';
import { guardedAgent, isPublicAddress } from './address-guard.js';
import { HttpAgent } from './http-agent.js';

const MOST_REDIRECTS = 3;
const SNIFFED_BYTES = 4100;
/** From the first byte asked to the last one read. */
const DEADLINE_MS = 5 * 60_000;
/** What people send as a résumé; told by the first bytes, never by the name or the header. */
const ALLOWED_TYPES = new Set([
  'application/pdf',
  'application/msword',
  'application/x-cfb',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.oasis.opendocument.text',
  'application/rtf',
  'image/png',
  'image/jpeg',
]);

export interface DownloadSpec {
  readonly source: FileSource;
  /** The API's base address: its origin is where credentials may go. */
  readonly apiUrl: string;
  readonly fileHosts: readonly string[];
  readonly authorisation: { readonly name: string; readonly value: string } | null;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface Download {
  readonly stream: Readable;
  readonly contentType: string;
}

/** Fetches files from where an ATS points, and only from where it may point. */
@Injectable()
export class FileDownload implements OnApplicationShutdown {
  readonly #guarded = guardedAgent();

  constructor(
    private readonly agent: HttpAgent,
    @Inject(AtsOptions) private readonly options: AtsIntegrationOptions,
  ) {}

  /**
   * The stream fails with AtsError `file-too-large` past `maxBytes`.
   * @throws AtsError `file-refused` (address or type not allowed), `file-too-large`; ProviderFault `not-found` when the link expired or the file is gone, `unavailable` otherwise.
   */
  async open(spec: DownloadSpec): Promise<Download> {
    const signal = AbortSignal.any([spec.signal, AbortSignal.timeout(DEADLINE_MS)]);
    const apiOrigin = new URL(spec.apiUrl).origin;
    let url = new URL(spec.source.url);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const response = await this.#get(url, apiOrigin, spec, signal);
      const location = response.headers.location;
      if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
        await response.body.dump();
        url = new URL(location, url);
        continue;
      }
      if (response.statusCode !== 200) {
        await response.body.dump();
        throw statusFault(response.statusCode);
      }
      const declared = Number(response.headers['content-length'] ?? Number.NaN);
      if (declared > spec.maxBytes) {
        // Destroying it unread is an error to undici, and an error that nobody hears ends the process.
        response.body.on('error', () => undefined).destroy();
        throw tooLarge(spec.maxBytes);
      }
      return this.#sniff(Readable.from(response.body), spec.maxBytes);
    }
    throw new AtsError(
      'file-refused',
      `The file was not fetched: its link redirects more than ${MOST_REDIRECTS} times.`,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#guarded.destroy();
  }

  async #get(url: URL, apiOrigin: string, spec: DownloadSpec, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const onApi = url.origin === apiOrigin;
    if (!onApi) this.#checkAddress(url, spec.fileHosts);
    const headers: Record<string, string> = {};
    if (onApi && spec.source.authorised && spec.authorisation !== null)
      headers[spec.authorisation.name] = spec.authorisation.value;
    // The API's own origin was set by the host; every other address came from outside.
    const dispatcher = onApi || this.options.allowInsecureHosts ? this.agent.dispatcher : this.#guarded;
    try {
      return await request(url, { method: 'GET', headers, dispatcher, signal });
    } catch (error) {
      if (spec.signal.aborted) throw error;
      throw new ProviderFault(
        'unavailable',
        'The file could not be fetched from the ATS. It is tried again by itself.',
        { cause: error },
      );
    }
  }

  #checkAddress(url: URL, fileHosts: readonly string[]): void {
    const refuse = (why: string): never => {
      throw new AtsError('file-refused', `The file was not fetched: ${why}.`);
    };
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (url.username !== '' || url.password !== '') refuse('its link carries a user name');
    if (!fileHosts.some((allowed) => matchesHost(host, allowed)))
      refuse(`the ATS is not expected to keep files on ${host}`);
    if (this.options.allowInsecureHosts) return;
    if (url.protocol !== 'https:' || (url.port !== '' && url.port !== '443')) refuse('its link is not https');
    if (isIP(host) !== 0 && !isPublicAddress(host)) refuse('its link leads into a private network');
  }

  async #sniff(body: Readable, maxBytes: number): Promise<Download> {
    // Whoever fails or stops reading ends the answer too: an endless file must not keep its connection.
    const capped = pipeline(body, cap(maxBytes), () => undefined);
    const head = await readHead(capped);
    const contentType = await typeOf(head);
    if (contentType === null) {
      capped.destroy();
      throw new AtsError(
        'file-refused',
        'The file was not kept: it is not a document (PDF, Word, OpenDocument, RTF, text, PNG or JPEG).',
      );
    }
    const stream = Readable.from(joined(head, capped));
    // A generator that never began has no `finally`: a store that gives up at once must end the answer as well.
    stream.once('close', () => capped.destroy());
    return { stream, contentType };
  }
}

function matchesHost(host: string, allowed: string): boolean {
  return allowed.startsWith('*.')
    ? host.endsWith(allowed.slice(1)) && host.length > allowed.length - 1
    : host === allowed;
}

async function* joined(head: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest as AsyncIterable<Buffer>;
}

function cap(maxBytes: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
}

async function readHead(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < SNIFFED_BYTES) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      size += chunk.length;
      continue;
    }
    if (stream.readableEnded || (await readableOrEnd(stream)) === 'end') break;
  }
  return Buffer.concat(chunks);
}

function readableOrEnd(stream: Readable): Promise<'readable' | 'end'> {
  return new Promise((resolve, reject) => {
    const done = (what: 'readable' | 'end' | Error) => {
      stream.off('readable', onReadable).off('end', onEnd).off('error', onError);
      if (what instanceof Error) reject(what);
      else resolve(what);
    };
    const onReadable = () => done('readable');
    const onEnd = () => done('end');
    const onError = (error: Error) => done(error);
    stream.once('readable', onReadable).once('end', onEnd).once('error', onError);
  });
}

async function typeOf(head: Buffer): Promise<string | null> {
  const found = await fileTypeFromBuffer(head);
  if (found !== undefined) return ALLOWED_TYPES.has(found.mime) ? found.mime : null;
  return head.includes(0) ? null : 'text/plain';
}

function statusFault(status: number): ProviderFault {
  if (status === 403 || status === 404 || status === 410) {
    return new ProviderFault('not-found', 'The link to the file has expired or the file is gone.', { status });
  }
  if (status === 401)
    return new ProviderFault('auth-revoked', 'The ATS refused the credentials for this file.', { status });
  if (status === 429)
    return new ProviderFault('rate-limited', 'The ATS wants fewer requests; the file is fetched later.', { status });
  if (status === 422) return new ProviderFault('invalid-request', 'The ATS could not process this file.', { status });
  return new ProviderFault('unavailable', `The ATS answered ${status} for a file. It is tried again by itself.`, {
    status,
  });
}

function tooLarge(maxBytes: number): AtsError {
  return new AtsError(
    'file-too-large',
    `The file was not kept: it is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`,
  );
}
