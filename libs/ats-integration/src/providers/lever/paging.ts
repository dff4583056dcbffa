import { z } from 'zod';
import type { Cursor, ProviderContext, ProviderRequest } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { listBodySchema, singleBodySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { missingScope } from './faults.js';
import { CONFIDENTIAL_SCOPE } from './manifest.js';

export type LeverContext = ProviderContext<LeverConfig>;

/** One listing of Lever's, before its pages. */
export interface LeverList {
  readonly path: string;
  readonly query: NonNullable<ProviderRequest['query']>;
  /** What it lists, for a sentence to an admin. */
  readonly what: string;
  readonly scope: string;
  /** The list can hold confidential rows, which Lever leaves out unless it is asked for all. */
  readonly confidential?: boolean;
}

/** Rows of one answer and where the next begins. */
export interface LeverPage {
  readonly rows: readonly unknown[];
  /** Rows of the same list before this page. */
  readonly index: number;
  readonly next: Position | null;
}

const positionSchema = z.strictObject({
  /** Which of the request's lists. */
  part: z.int().nonnegative(),
  offset: z.string().nullable(),
  index: z.int().nonnegative(),
  /** Offsets are only good for the filters that they came from, so a filter that was narrowed is part of the place. */
  confidentiality: z.enum(['all', 'non-confidential']),
});
type Position = z.infer<typeof positionSchema>;

const START: Position = { part: 0, offset: null, index: 0, confidentiality: 'all' };
const PAGE_SIZE = 100;

/** The lists one after the other, each to its end. No list at all is one empty page. */
export async function* walk(
  context: LeverContext,
  lists: readonly LeverList[],
  cursor: Cursor | null,
): AsyncGenerator<LeverPage> {
  let position = readPosition(cursor, lists.length);
  const visited = new Set<string>();
  for (;;) {
    context.signal.throwIfAborted();
    const list = lists[position.part];
    if (list === undefined) {
      yield { rows: [], index: 0, next: null };
      return;
    }
    const page = await fetchPage(context, list, position);
    if (page.next !== null && visited.size === visited.add(`${page.next.part} ${page.next.offset}`).size)
      throw endless(list);
    const nextPart = position.part + 1 < lists.length ? { ...START, part: position.part + 1 } : null;
    const next = page.next ?? nextPart;
    yield { ...page, next };
    if (next === null) return;
    position = next;
  }
}

async function fetchPage(context: LeverContext, list: LeverList, position: Position): Promise<LeverPage> {
  try {
    return await requestPage(context, list, position);
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.code !== 'forbidden-scope') throw error;
    // Without the grant Lever may refuse to be asked for confidential rows at all; what is not confidential must still come.
    const mayNarrow = list.confidential === true && position.confidentiality === 'all' && position.offset === null;
    if (!mayNarrow || context.scopes.includes(CONFIDENTIAL_SCOPE)) throw missingScope(error, list.what, list.scope);
    return fetchPage(context, list, { ...position, confidentiality: 'non-confidential' });
  }
}

async function requestPage({ http }: LeverContext, list: LeverList, position: Position): Promise<LeverPage> {
  const { body } = await http.request({
    path: list.path,
    query: {
      ...list.query,
      ...(list.confidential === true ? { confidentiality: position.confidentiality } : {}),
      limit: PAGE_SIZE,
      // The token is percent-encoded text already and is encoded once more on its way: Lever wants back what it gave.
      ...(position.offset === null ? {} : { offset: position.offset }),
    },
  });
  const parsed = listBodySchema.safeParse(body);
  if (!parsed.success) throw unexpected(list, 'the list itself is missing from the answer');
  const { data, hasNext, next } = parsed.data;
  if (hasNext !== true) return { rows: data, index: position.index, next: null };
  if (next == null || next === '') throw unexpected(list, 'it says that there is more and not where');
  return {
    rows: data,
    index: position.index,
    next: { ...position, offset: next, index: position.index + data.length },
  };
}

/** Single objects by id, a few a page. One that is gone is left out, one that is not ours to see is told apart. */
export async function* walkIds(
  { http, signal }: LeverContext,
  ids: readonly string[],
  request: { readonly path: string; readonly query: NonNullable<ProviderRequest['query']> },
  cursor: Cursor | null,
): AsyncGenerator<LeverPage & { readonly hidden: readonly string[] }> {
  const chunks = chunk(ids, 10);
  for (let { part } = readPosition(cursor, chunks.length); ; part += 1) {
    const rows: unknown[] = [];
    const hidden: string[] = [];
    for (const id of chunks[part] ?? []) {
      signal.throwIfAborted();
      const { status, body } = await http.request({
        path: `${request.path}/${encodeURIComponent(id)}`,
        query: request.query,
        // 403: a confidential object without the grant.
        accept: [403, 404],
      });
      if (status === 403) hidden.push(id);
      if (status >= 300) continue;
      const parsed = singleBodySchema.safeParse(body);
      if (!parsed.success)
        throw unexpected({ what: request.path.slice(1) }, 'the object itself is missing from the answer');
      rows.push(parsed.data.data);
    }
    const next = part + 1 < chunks.length ? { ...START, part: part + 1 } : null;
    yield { rows, index: 0, next, hidden };
    if (next === null) return;
  }
}

/** A place that we cannot read is no place: starting over is for the engine to decide, so it must not look like a start. */
function readPosition(cursor: Cursor | null, parts: number): Position {
  if (cursor === null) return START;
  const parsed = positionSchema.safeParse(cursor);
  if (parsed.success && (parsed.data.part < parts || parsed.data.part === 0)) return parsed.data;
  throw new ProviderFault(
    'cursor-expired',
    'The stored place of this Lever list cannot be read. Elly starts the list again.',
  );
}

export function chunk<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

export function unexpected(list: Pick<LeverList, 'what'>, how: string): ProviderFault {
  return new ProviderFault(
    'unexpected-shape',
    `Lever's list of ${list.what} is not as documented: ${how}. Nothing of it was taken.`,
  );
}

function endless(list: LeverList): ProviderFault {
  return unexpected(list, 'it leads back to a page that was already read, so it would never end');
}
