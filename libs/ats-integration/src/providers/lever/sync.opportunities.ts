import type { CandidateRecord, ProviderPage, StreamRequest, StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import type { LeverArchiveReason, LeverOpportunity } from './api.schemas.js';
import { opportunitySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import type { ArchiveReasons } from './normalise.js';
import { toApplication, toCandidate } from './normalise.js';
import { toStageStays } from './normalise.stage-history.js';
import type { LeverList } from './paging.js';
import { chunk, walk, walkIds } from './paging.js';
import { archiveReasonsOnce } from './sync.archive-reasons.js';

/**
 * Lever Data API docs, List all opportunities. One row is one application, and the person behind it as the list shows them:
 * Lever has no list of contacts. Applications are expanded because only they name the posting.
 */
export const opportunities: StreamSpec<LeverConfig> = {
  name: 'opportunities',
  kinds: ['application', 'candidate', 'stage-stay'],
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
  const history = parsed.rows.flatMap(toStageStays);
  return { records: [...distinctPeople(parsed.rows), ...applications, ...history], rejected: parsed.rejected };
}

function distinctPeople(rows: readonly LeverOpportunity[]): readonly CandidateRecord[] {
  const byContact = new Map<string, CandidateRecord>();
  for (const row of rows) if (!byContact.has(row.contact)) byContact.set(row.contact, toCandidate(row));
  return [...byContact.values()];
}
