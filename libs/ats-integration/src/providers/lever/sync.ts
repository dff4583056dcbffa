import type { ProviderPage, StreamRequest, StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import { postingSchema, stageSchema, userSchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { toJob, toStage, toUser } from './normalise.js';
import type { LeverList } from './paging.js';
import { walk, walkIds } from './paging.js';
import { deletedOpportunities, deletedPostings } from './sync.deleted.js';
import { opportunities } from './sync.opportunities.js';

/** Lever Data API docs, List all users. There is no filter by change; deactivated users are kept because old records name them. */
const users: StreamSpec<LeverConfig> = {
  name: 'users',
  kinds: ['user'],
  modes: ['full'],
  after: [],
  async *pages(context, _request, cursor) {
    const list = { path: '/users', query: { includeDeactivated: true }, what: 'users', scope: 'users:read:admin' };
    for await (const page of walk(context, [list], cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'user', userSchema);
      yield { records: rows.map(toUser), rejected, withheld: [], next: page.next };
    }
  },
};

/** Lever Data API docs, List all postings. */
const jobs: StreamSpec<LeverConfig> = {
  name: 'jobs',
  kinds: ['job'],
  modes: ['full', 'changes', 'ids'],
  after: [],
  async *pages(context, request, cursor) {
    if (request.mode === 'ids') {
      for await (const page of walkIds(context, request.remoteIds, { path: '/postings', query: {} }, cursor)) {
        const withheld = page.hidden.map((remoteId) => ({ kind: 'job', remoteId, reason: 'private' }) as const);
        yield { ...readPostings(page.rows), withheld, next: page.next };
      }
      return;
    }
    for await (const page of walk(context, [postings(request)], cursor)) {
      yield { ...readPostings(page.rows), withheld: [], next: page.next };
    }
  },
};

/** No `state` filter: with one, Lever hides unlisted postings unless `distributionChannel` is sent for both channels. */
function postings(request: StreamRequest): LeverList {
  // `updated_at_*` may be combined with `confidentiality` only.
  const query =
    request.mode === 'changes'
      ? { updated_at_start: request.since.getTime(), updated_at_end: request.until.getTime() }
      : {};
  return { path: '/postings', query, what: 'postings', scope: 'postings:read:admin', confidential: true };
}

function readPostings(rows: readonly unknown[]): Pick<ProviderPage, 'records' | 'rejected'> {
  const parsed = parseRows(rows, 'job', postingSchema);
  return { records: parsed.rows.map(toJob), rejected: parsed.rejected };
}

/** Lever Data API docs, List all stages. A stage's place in the list is its place in the pipeline, so the list is always read whole. */
const stages: StreamSpec<LeverConfig> = {
  name: 'stages',
  kinds: ['stage'],
  modes: ['full'],
  after: [],
  async *pages(context, _request, cursor) {
    const list = { path: '/stages', query: {}, what: 'stages', scope: 'stages:read:admin' };
    for await (const page of walk(context, [list], cursor)) {
      // The place is given before parsing: a row that is rejected must not move the ones behind it.
      const placed = page.rows.map((row, index) =>
        typeof row === 'object' && row !== null ? { ...row, position: page.index + index } : row,
      );
      const { rows, rejected } = parseRows(placed, 'stage', stageSchema);
      yield { records: rows.map(toStage), rejected, withheld: [], next: page.next };
    }
  },
};

export const streams: readonly StreamSpec<LeverConfig>[] = [
  users,
  jobs,
  stages,
  opportunities,
  deletedPostings,
  deletedOpportunities,
];
