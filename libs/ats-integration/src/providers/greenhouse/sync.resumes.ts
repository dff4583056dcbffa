import type { ProviderPage, RejectedRecord, ResumeRecord, StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import type { GreenhouseAttachment } from './api.schemas.js';
import { applicationSchema, attachmentSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { toResume } from './normalise.js';
import type { GreenhouseContext } from './paging.js';
import { fetchAll, listsFor, listsOf, walk } from './paging.js';

const ATTACHMENTS = { path: '/attachments', query: { type: 'resume' }, what: 'attachments' };
const APPLICATIONS = { path: '/applications', query: {}, what: 'applications' };

/** Harvest v3 docs, List attachments. A newer résumé demotes the older one to `other`, so an application has at most one here. */
export const resumes: StreamSpec<GreenhouseConfig> = {
  name: 'resumes',
  kinds: ['resume'],
  modes: ['full', 'changes', 'of-jobs', 'ids'],
  after: ['applications'],
  async *pages(context, request, cursor) {
    if (request.mode === 'of-jobs') {
      // Attachments cannot be asked for by job: the jobs' applications lead to them, a page of applications to a page of résumés.
      for await (const page of walk(context, listsFor(request, APPLICATIONS), cursor)) {
        const { rows } = parseRows(page.rows, 'resume', applicationSchema);
        const found = await fetchAll(
          context,
          listsOf(
            ATTACHMENTS,
            'application_ids',
            rows.map((row) => row.id),
          ),
        );
        yield { ...(await readAttachments(context, found)), withheld: [], next: page.next };
      }
      return;
    }
    for await (const page of walk(context, listsFor(request, ATTACHMENTS), cursor)) {
      yield { ...(await readAttachments(context, page.rows)), withheld: [], next: page.next };
    }
  },
};

async function readAttachments(
  context: GreenhouseContext,
  found: readonly unknown[],
): Promise<Pick<ProviderPage, 'records' | 'rejected'>> {
  const { rows, rejected } = parseRows(found, 'resume', attachmentSchema);
  const resumeRows = rows.filter((row) => row.type === null || row.type === 'resume');
  const owners = await ownersOf(context, resumeRows);
  const records: ResumeRecord[] = [];
  const ownerless: RejectedRecord[] = [];
  for (const row of resumeRows) {
    const owner = row.candidate_id ?? owners.get(row.application_id ?? '');
    if (owner !== undefined) records.push(toResume(row, owner));
    else
      ownerless.push({
        kind: 'resume',
        remoteId: row.id,
        reason: 'candidate_id: expected number, received null, and its application is not visible',
      });
  }
  return { records, rejected: [...rejected, ...ownerless] };
}

/** `candidate_id` may be null; the application knows whose it is. */
async function ownersOf(
  context: GreenhouseContext,
  rows: readonly GreenhouseAttachment[],
): Promise<ReadonlyMap<string, string>> {
  const unowned = rows.filter((row) => row.candidate_id === null).flatMap((row) => row.application_id ?? []);
  const found = await fetchAll(context, listsOf(APPLICATIONS, 'ids', [...new Set(unowned)]));
  return new Map(
    found.flatMap((row): [string, string][] => {
      const parsed = applicationSchema.safeParse(row);
      return parsed.success ? [[parsed.data.id, parsed.data.candidate_id]] : [];
    }),
  );
}
