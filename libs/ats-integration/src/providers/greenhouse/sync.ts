import type { StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import { candidateSchema, stageSchema, userSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { toCandidate, toStage, toUser } from './normalise.js';
import { isPrivateStub, listsFor, walk } from './paging.js';
import { applications } from './sync.applications.js';
import { jobs } from './sync.jobs.js';
import { resumes } from './sync.resumes.js';
import { stageHistory } from './sync.stage-history.js';

/** Harvest v3 docs, List users. Service accounts too: they are who moved a candidate when an integration did. */
const users: StreamSpec<GreenhouseConfig> = {
  name: 'users',
  kinds: ['user'],
  modes: ['full', 'changes', 'ids'],
  after: [],
  async *pages(context, request, cursor) {
    const list = { path: '/users', query: { show_service_accounts: true }, what: 'users' };
    for await (const page of walk(context, listsFor(request, list), cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'user', userSchema);
      yield { records: rows.map(toUser), rejected, withheld: [], next: page.next };
    }
  },
};

/**
 * Harvest v3 docs, List job interview stages. Asked for twice, active and not: whether a list without the filter holds the
 * inactive ones is not said, and history needs them.
 */
const stages: StreamSpec<GreenhouseConfig> = {
  name: 'stages',
  kinds: ['stage'],
  modes: ['full', 'changes', 'ids'],
  after: [],
  async *pages(context, request, cursor) {
    const lists = [true, false].flatMap((active) =>
      listsFor(request, { path: '/job_interview_stages', query: { active }, what: 'job stages' }),
    );
    for await (const page of walk(context, lists, cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'stage', stageSchema);
      yield { records: rows.map(toStage), rejected, withheld: [], next: page.next };
    }
  },
};

/** Harvest v3 docs, List candidates. A private candidate whom the acting user may not see is a stub without an id. */
const candidates: StreamSpec<GreenhouseConfig> = {
  name: 'candidates',
  kinds: ['candidate'],
  modes: ['full', 'changes', 'ids'],
  after: ['applications'],
  async *pages(context, request, cursor) {
    for await (const page of walk(
      context,
      listsFor(request, { path: '/candidates', query: {}, what: 'candidates' }),
      cursor,
    )) {
      const visible = page.rows.filter((row) => !isPrivateStub(row));
      const withheld = Array.from(
        { length: page.rows.length - visible.length },
        () => ({ kind: 'candidate', remoteId: null, reason: 'private' }) as const,
      );
      const { rows, rejected } = parseRows(visible, 'candidate', candidateSchema);
      yield { records: rows.map(toCandidate), rejected, withheld, next: page.next };
    }
  },
};

export const streams: readonly StreamSpec<GreenhouseConfig>[] = [
  users,
  jobs,
  stages,
  applications,
  candidates,
  resumes,
  stageHistory,
];
