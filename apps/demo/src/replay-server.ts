import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

const recordingSchema = z.object({
  method: z.string(),
  path: z.string(),
  request: z.object({ params: z.record(z.string(), z.unknown()).optional() }).default({}),
  status: z.number().int(),
  body: z.unknown(),
});
const fileSchema = z.object({ recordings: z.array(recordingSchema) });
type Recording = z.infer<typeof recordingSchema>;

export interface ReplayServer {
  readonly url: string;
  /** Requests for which nothing was recorded, by method and path. */
  readonly missed: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Serves recorded exchanges over HTTP, with a sign-in before them that approves everybody. */
export async function startReplayServer(folder: string): Promise<ReplayServer> {
  const recordings = await readRecordings(folder);
  const missed = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://replay');
    if (signIn(url, response)) return request.resume();
    const answer = find(recordings, request, url);
    if (answer === undefined) {
      const what = `${request.method ?? 'GET'} ${url.pathname}`;
      missed.set(what, (missed.get(what) ?? 0) + 1);
    }
    send(
      response,
      answer?.status ?? 404,
      answer?.body ?? { code: 'ResourceNotFound', message: 'nothing was recorded for this' },
    );
    return request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    missed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRecordings(folder: string): Promise<Recording[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) throw new Error(`There are no recordings (*.json) in ${folder}.`);
  const read = async (name: string): Promise<Recording[]> => {
    const parsed = fileSchema.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8')));
    if (!parsed.success) throw new Error(`${name} is not a file of recordings: ${z.prettifyError(parsed.error)}`);
    return parsed.data.recordings;
  };
  return (await Promise.all(files.map(read))).flat();
}

/**
 * The recording of this path whose parameters are the request's, as far as parameters tell the recordings of a path
 * apart (a page's token does, a page size that never varies does not). A page behind the last recorded one is empty.
 */
function find(
  recordings: readonly Recording[],
  request: IncomingMessage,
  url: URL,
): Pick<Recording, 'status' | 'body'> | undefined {
  const ofPath = recordings.filter(
    (recording) => recording.method === request.method && recording.path === url.pathname,
  );
  const telling = new Set(
    ofPath
      .flatMap(({ request: { params = {} } }) => Object.keys(params))
      .filter((name) => new Set(ofPath.map((recording) => textOf(recording.request.params?.[name]))).size > 1),
  );
  const match = ofPath.find(({ request: { params = {} } }) =>
    [...telling].every((name) => textOf(params[name]) === url.searchParams.get(name)),
  );
  if (match !== undefined) return match;
  const [any] = ofPath;
  // Of what was deleted nobody recorded anything: nothing was.
  if (any === undefined && !url.pathname.endsWith('/deleted')) return undefined;
  return { status: 200, body: Array.isArray(any?.body) ? [] : { data: [], hasNext: false } };
}

/** The OAuth addresses of the ATSs: consent comes back at once, every code and refresh token is good. */
function signIn(url: URL, response: ServerResponse): boolean {
  if (url.pathname === '/authorize') {
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('code', 'replayed');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
    return true;
  }
  if (url.pathname === '/token' || url.pathname === '/oauth/token') {
    send(response, 200, {
      access_token: 'replayed',
      refresh_token: 'replayed',
      token_type: 'Bearer',
      expires_in: 3600,
    });
    return true;
  }
  return false;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** A parameter as it stands in an address; null when it is not given. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
