import { z } from 'zod';
import type { Cursor, ProviderContext, ProviderRequest, ProviderResponse, StreamRequest } from '../../contract.js';
import { ProviderFault, readRowId } from '../../contract.js';
import type { GreenhouseConfig } from './config.schema.js';
import { refusedList } from './faults.js';

export type GreenhouseContext = ProviderContext<GreenhouseConfig>;

/** One listing of Harvest's, before its pages. */
export interface HarvestList {
  readonly path: string;
  /** Filters of the first request; the cursor carries them from then on. */
  readonly query: NonNullable<ProviderRequest['query']>;
  /** What it lists, for a sentence to an admin. */
  readonly what: string;
}

export interface HarvestPage {
  readonly rows: readonly unknown[];
  readonly next: Position | null;
}

const positionSchema = z.strictObject({
  /** Which of the request's lists. */
  part: z.int().nonnegative(),
  /** Greenhouse's cursor; null for the first page of the part. */
  next: z.string().min(1).nullable(),
});
type Position = z.infer<typeof positionSchema>;

/** Harvest v3 docs, Pagination: 500 rows a page, 50 ids a filter. */
const PAGE_SIZE = 500;
const IDS_A_FILTER = 50;

/** The lists one after the other, each to its end. No list at all is one empty page. */
export async function* walk(
  context: GreenhouseContext,
  lists: readonly HarvestList[],
  cursor: Cursor | null,
): AsyncGenerator<HarvestPage> {
  let position = readPosition(cursor, lists.length);
  const visited = new Set<string>();
  for (;;) {
    context.signal.throwIfAborted();
    const list = lists[position.part];
    if (list === undefined) {
      yield { rows: [], next: null };
      return;
    }
    const { rows, next: token } = await fetchPage(context, list, position.next);
    if (token !== null && visited.size === visited.add(`${position.part} ${token}`).size) {
      throw unexpected(list.what, 'it leads back to a page that was already read, so it would never end');
    }
    const nextPart = position.part + 1 < lists.length ? { part: position.part + 1, next: null } : null;
    const next = token === null ? nextPart : { part: position.part, next: token };
    yield { rows, next };
    if (next === null) return;
    position = next;
  }
}

/** All rows of some lists, for what a page needs beside itself. */
export async function fetchAll(context: GreenhouseContext, lists: readonly HarvestList[]): Promise<readonly unknown[]> {
  const all = await Promise.all(
    lists.map(async (list) => {
      const rows: unknown[] = [];
      for await (const page of walk(context, [list], null)) rows.push(...page.rows);
      return rows;
    }),
  );
  return all.flat();
}

/** Rows that only add a name or a text: where the connection may not have them, the records come without. The pre-flight warns of it. */
export async function fetchAllIfAllowed(
  context: GreenhouseContext,
  lists: readonly HarvestList[],
): Promise<readonly unknown[]> {
  try {
    return await fetchAll(context, lists);
  } catch (error) {
    if (error instanceof ProviderFault && (error.code === 'forbidden-scope' || error.code === 'not-found')) return [];
    throw error;
  }
}

/**
 * The row of this id, or null when it is gone or hidden. There is no single read of it: a list of one id stands for it.
 *
 * @throws ProviderFault `unexpected-shape` when other rows come back: that says nothing about this one.
 */
export async function fetchRow(context: GreenhouseContext, list: HarvestList, id: string): Promise<unknown> {
  const rows = await fetchAll(context, listsOf(list, 'ids', [id]));
  const found = rows.find((row) => readRowId(row) === id);
  if (found !== undefined) return found;
  if (rows.every(isPrivateStub)) return null;
  throw unexpected(list.what, 'it holds another row than the one that was asked for');
}

/** `{ "message": … }` in a candidate's place, and no id: a private candidate whom the acting user may not see. */
export function isPrivateStub(row: unknown): boolean {
  return (
    typeof row === 'object' && row !== null && !('id' in row) && 'message' in row && typeof row.message === 'string'
  );
}

async function fetchPage(
  context: GreenhouseContext,
  list: HarvestList,
  token: string | null,
): Promise<{ rows: readonly unknown[]; next: string | null }> {
  // The cursor travels alone: with any other parameter beside it Greenhouse refuses the request.
  const query = token === null ? { ...list.query, per_page: PAGE_SIZE } : { cursor: token };
  const { body, headers } = await context.http.request({ path: list.path, query }).catch((error: unknown) => {
    const refused = error instanceof ProviderFault && error.code === 'forbidden-scope';
    throw refused ? refusedList(error, list.what, scopeOf(list)) : error;
  });
  if (!Array.isArray(body)) throw unexpected(list.what, 'the answer is not a list');
  return { rows: body, next: readNext(headers, list, context.config.apiUrl) };
}

/** Whether the connection may read a list, as far as its scopes say: where nothing is known of them, it may. */
export function mayList({ scopes }: GreenhouseContext, list: Pick<HarvestList, 'path'>): boolean {
  return scopes.length === 0 || scopes.includes(scopeOf(list));
}

/** Every list's scope is named after its path (Harvest v3 docs, Scopes). */
export function scopeOf({ path }: Pick<HarvestList, 'path'>): string {
  return `harvest:${path.slice(1)}:list`;
}

/**
 * The cursor of `Link: <…?cursor=…>; rel="next"`. Only the token is taken, so a link to elsewhere could not carry our
 * credentials away; it is refused all the same, because an answer that names another host is not to be trusted.
 */
function readNext(headers: ProviderResponse['headers'], list: HarvestList, apiUrl: string): string | null {
  for (const [, target = '', parameters = ''] of (headers['link'] ?? '').matchAll(/<([^>]*)>([^,]*)/g)) {
    if (!/;\s*rel\s*=\s*"?[^";]*\bnext\b/i.test(parameters)) continue;
    const url = URL.canParse(target, apiUrl) ? new URL(target, apiUrl) : null;
    const base = new URL(`${apiUrl}/`);
    if (url === null || url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) {
      throw unexpected(list.what, 'its next page is at another address than the API');
    }
    const token = url.searchParams.get('cursor');
    if (token === null || token === '') throw unexpected(list.what, 'its next page has no cursor');
    return token;
  }
  return null;
}

/** A request of the engine's as Harvest's lists. */
export function listsFor(request: StreamRequest, list: HarvestList): readonly HarvestList[] {
  switch (request.mode) {
    case 'full':
      return [list];
    case 'changes':
      return [
        {
          ...list,
          query: { ...list.query, updated_at: `gte|${request.since.toISOString()}|lte|${request.until.toISOString()}` },
        },
      ];
    case 'ids':
      return listsOf(list, 'ids', request.remoteIds);
    case 'of-jobs':
      return listsOf(list, 'job_ids', request.jobRemoteIds);
  }
}

/** One list for every fifty ids: more are refused. */
export function listsOf(list: HarvestList, filter: string, ids: readonly string[]): readonly HarvestList[] {
  return Array.from({ length: Math.ceil(ids.length / IDS_A_FILTER) }, (_, index) => ({
    ...list,
    query: { ...list.query, [filter]: ids.slice(index * IDS_A_FILTER, (index + 1) * IDS_A_FILTER).join(',') },
  }));
}

/** A place that we cannot read is no place: starting over is for the engine to decide, so it must not look like a start. */
function readPosition(cursor: Cursor | null, parts: number): Position {
  if (cursor === null) return { part: 0, next: null };
  const parsed = positionSchema.safeParse(cursor);
  if (parsed.success && (parsed.data.part < parts || parsed.data.part === 0)) return parsed.data;
  throw new ProviderFault(
    'cursor-expired',
    'The stored place of this Greenhouse list cannot be read. Elly starts the list again.',
  );
}

/** Ids travel as numbers in bodies. One that has lost digits on its way would name another record. */
export function harvestId(remoteId: string, what: string): number {
  const number = /^\d+$/.test(remoteId) ? Number(remoteId) : NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new ProviderFault(
    'invalid-request',
    `What was given for ${what} is no id of Greenhouse's. Choose ${what} again from what Greenhouse lists.`,
  );
}

export function unexpected(what: string, how: string): ProviderFault {
  return new ProviderFault(
    'unexpected-shape',
    `Greenhouse's list of ${what} is not as documented: ${how}. Nothing of it was taken.`,
  );
}
