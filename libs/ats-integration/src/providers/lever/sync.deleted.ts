import { z } from 'zod';
import type { Cursor, GoneRecord, ProviderPage, StreamRequest, StreamSpec } from '../../contract.js';
import { parseRows, ProviderFault } from '../../contract.js';
import { deletedSchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import type { LeverList } from './paging.js';
import { walk } from './paging.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How far back a reading in full looks. A connection that was silent for longer must be connected anew anyway: its refresh token is dead. */
const OPPORTUNITIES_MS = 90 * DAY_MS;
/** The widest window that the list of postings takes; what is older is found by comparing with a complete listing. */
const POSTINGS_MS = 30 * DAY_MS;

/** Lever Data API docs, List deleted opportunities. After the living ones: whoever was deleted meanwhile is no longer among them. */
export const deletedOpportunities: StreamSpec<LeverConfig> = {
  name: 'deleted-opportunities',
  kinds: ['application', 'candidate'],
  modes: ['full', 'changes'],
  after: ['opportunities'],
  pages: (context, request, cursor) => {
    const list = {
      path: '/opportunities/deleted',
      what: 'deleted opportunities',
      scope: 'opportunities:read:admin',
      confidential: true,
    };
    return pagesOf(context, { list, kind: 'application', mostMs: Infinity, fullMs: OPPORTUNITIES_MS }, request, cursor);
  },
};

/** Not in Lever's documents, and answered by its API: postings that were deleted. */
export const deletedPostings: StreamSpec<LeverConfig> = {
  name: 'deleted-postings',
  kinds: ['job'],
  modes: ['full', 'changes'],
  after: ['jobs'],
  pages: (context, request, cursor) => {
    const list = { path: '/postings/deleted', what: 'deleted postings', scope: 'postings:read:admin' };
    return pagesOf(context, { list, kind: 'job', mostMs: POSTINGS_MS, fullMs: POSTINGS_MS }, request, cursor);
  },
};

interface DeletedList {
  readonly list: Omit<LeverList, 'query'>;
  readonly kind: 'application' | 'job';
  /** Milliseconds that a window of changes may span; what lies before is left out. */
  readonly mostMs: number;
  /** Milliseconds that a reading in full looks back. */
  readonly fullMs: number;
}

/** The window is part of the place: a reading in full that is resumed tomorrow must ask for the same one, or its offset is worth nothing. */
const placeSchema = z.strictObject({ since: z.int(), until: z.int(), place: z.json() });

async function* pagesOf(
  context: Parameters<StreamSpec<LeverConfig>['pages']>[0],
  { list, kind, mostMs, fullMs }: DeletedList,
  request: StreamRequest,
  cursor: Cursor | null,
): AsyncGenerator<ProviderPage> {
  const { since, until, place } = cursor === null ? { ...windowOf(request, fullMs), place: null } : placeOf(cursor);
  const query = { deleted_at_start: Math.max(since, until - mostMs), deleted_at_end: until };
  for await (const { rows, next } of walk(context, [{ ...list, query }], place)) {
    const parsed = parseRows(rows, kind, deletedSchema);
    yield {
      records: [],
      rejected: parsed.rejected,
      withheld: [],
      gone: parsed.rows.flatMap((row) => goneWith(kind, row)),
      next: next === null ? null : { since, until, place: next },
    };
  }
}

function windowOf(request: StreamRequest, fullMs: number): { readonly since: number; readonly until: number } {
  if (request.mode === 'changes') return { since: request.since.getTime(), until: request.until.getTime() };
  // To the end of the day: the same reading begun again, on this day, asks for the same window.
  const until = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
  return { since: until - fullMs, until };
}

function placeOf(cursor: Cursor): z.infer<typeof placeSchema> {
  const parsed = placeSchema.safeParse(cursor);
  if (parsed.success && parsed.data.place !== null) return parsed.data;
  throw new ProviderFault(
    'cursor-expired',
    'The stored place of this Lever list cannot be read. Elly starts the list again.',
  );
}

/** A person who was erased and whose opportunity was deleted then is in no other list. */
function goneWith(kind: DeletedList['kind'], row: z.infer<typeof deletedSchema>): readonly GoneRecord[] {
  const deleted: GoneRecord = {
    kind,
    remoteId: row.id,
    tombstone: 'deleted',
    intoRemoteId: null,
    at: row.deletedAt,
  };
  if (kind !== 'application' || row.isAnonymized !== true || row.contact === null) return [deleted];
  return [deleted, { kind: 'candidate', remoteId: row.contact, tombstone: 'anonymised', intoRemoteId: null, at: null }];
}
