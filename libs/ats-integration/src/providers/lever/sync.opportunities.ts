import type { CandidateRecord, ProviderPage, StreamRequest, StreamSpec } from '../../contract.js';
import { parseRows, ProviderFault } from '../../contract.js';
import type { LeverArchiveReason, LeverOpportunity } from './api.schemas.js';
import { archiveReasonSchema, archiveReasonsBodySchema, opportunitySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { missingScope } from './faults.js';
import type { ArchiveReasons } from './normalise.js';
import { toApplication, toCandidate } from './normalise.js';
import type { LeverContext, LeverList } from './paging.js';
import { chunk, unexpected, walk, walkIds } from './paging.js';

/**
 * Lever Data API docs, List all opportunities. One row is one application, and the person behind it as the list shows them:
 * Lever has no list of contacts. Applications are expanded because only they name the posting.
 */
export const opportunities: StreamSpec<LeverConfig> = {
  name: 'opportunities',
  kinds: ['application', 'candidate'],
  modes: ['full', 'changes', 'of-jobs', 'ids'],
  after: ['jobs'],
  async *pages(context, request, cursor) {
    const reasons = archiveReasonsOnce(context);
    if (request.mode === 'ids') {
      const single = { path: '/opportunities', query: EXPAND };
      for await (const page of walkIds(context, request.remoteIds, single, cursor)) {
        const withheld = page.hidden.map((remoteId) => ({ kind: 'application', remoteId, reason: 'private' }) as const);
        yield { ...(await readOpportunities(page.rows, reasons)), withheld, next: page.next };
      }
      return;
    }
    for await (const page of walk(context, lists(request), cursor)) {
      yield { ...(await readOpportunities(page.rows, reasons)), withheld: [], next: page.next };
    }
  },
};

/** A repeated key, never a comma: `expand=a,b` is refused. `posting` itself cannot be expanded here. */
const EXPAND = { expand: ['applications'] };

function lists(request: Exclude<StreamRequest, { mode: 'ids' }>): readonly LeverList[] {
  const list = (query: LeverList['query']): LeverList => ({
    path: '/opportunities',
    query: { ...EXPAND, ...query },
    what: 'opportunities',
    scope: 'opportunities:read:admin',
    confidential: true,
  });
  switch (request.mode) {
    case 'full':
      return [list({})];
    case 'changes':
      return [list({ updated_at_start: request.since.getTime(), updated_at_end: request.until.getTime() })];
    case 'of-jobs':
      // `posting_id` finds active applications only and `archived_posting_id` the others. Together they would have to hold both at once.
      return chunk(request.jobRemoteIds, 50).flatMap((ids) => [
        list({ posting_id: ids }),
        list({ archived_posting_id: ids }),
      ]);
  }
}

async function readOpportunities(
  rows: readonly unknown[],
  reasons: () => Promise<ArchiveReasons>,
): Promise<Pick<ProviderPage, 'records' | 'rejected'>> {
  const parsed = parseRows(rows, 'application', opportunitySchema);
  const known = parsed.rows.some((row) => row.archived !== null)
    ? await reasons()
    : new Map<string, LeverArchiveReason>();
  const applications = parsed.rows.map((row) => toApplication(row, known));
  return { records: [...distinctPeople(parsed.rows), ...applications], rejected: parsed.rejected };
}

function distinctPeople(rows: readonly LeverOpportunity[]): readonly CandidateRecord[] {
  const byContact = new Map<string, CandidateRecord>();
  for (const row of rows) if (!byContact.has(row.contact)) byContact.set(row.contact, toCandidate(row));
  return [...byContact.values()];
}

/** Asked for at the first archived row and once a run: they say which archived opportunity was a hire. */
function archiveReasonsOnce(context: LeverContext): () => Promise<ArchiveReasons> {
  let reasons: Promise<ArchiveReasons> | null = null;
  return () => (reasons ??= fetchArchiveReasons(context));
}

/** Lever Data API docs, List all archive reasons. */
async function fetchArchiveReasons({ http, signal }: LeverContext): Promise<ArchiveReasons> {
  const list = { what: 'archive reasons' };
  const reasons = new Map<string, LeverArchiveReason>();
  const visited = new Set<string>();
  for (let offset: string | null = null; ;) {
    signal.throwIfAborted();
    const { body } = await http
      .request({ path: '/archive_reasons', query: { limit: 100, ...(offset === null ? {} : { offset }) } })
      .catch((error: unknown) => {
        const refused = error instanceof ProviderFault && error.code === 'forbidden-scope';
        throw refused ? missingScope(error, list.what, 'archive_reasons:read:admin') : error;
      });
    const parsed = archiveReasonsBodySchema.safeParse(body);
    if (!parsed.success) throw unexpected(list, 'the list itself is missing from the answer');
    for (const row of parsed.data.data) {
      const reason = archiveReasonSchema.safeParse(row);
      if (reason.success) reasons.set(reason.data.id, reason.data);
    }
    offset = parsed.data.hasNext === true ? (parsed.data.next ?? null) : null;
    if (offset === null) return reasons;
    if (visited.size === visited.add(offset).size) throw unexpected(list, 'it would never end');
  }
}
