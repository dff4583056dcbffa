import type { StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import type { GreenhouseJob, GreenhouseJobPost } from './api.schemas.js';
import { jobPostSchema, jobSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import type { JobNames } from './normalise.js';
import { choosePost, toJob } from './normalise.js';
import type { GreenhouseContext } from './paging.js';
import { fetchAllIfAllowed, listsFor, listsOf, walk } from './paging.js';
import { namesOf } from './sync.names.js';

/** Harvest v3 docs, List jobs. A job only refers to its department, offices and posts: their lists are read beside it. */
export const jobs: StreamSpec<GreenhouseConfig> = {
  name: 'jobs',
  kinds: ['job'],
  modes: ['full', 'changes', 'ids'],
  after: [],
  async *pages(context, request, cursor) {
    const names = namesOnce(context);
    for await (const page of walk(context, listsFor(request, { path: '/jobs', query: {}, what: 'jobs' }), cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'job', jobSchema);
      const real = rows.filter((job) => job.is_template !== true);
      const templates = rows.filter((job) => job.is_template === true);
      const [known, posts] =
        real.length === 0 ? [NO_NAMES, NO_POSTS] : await Promise.all([names(), postsOf(context, real)]);
      yield {
        records: real.map((job) => toJob(job, known, choosePost(posts.get(job.id) ?? []))),
        rejected,
        withheld: templates.map((job) => ({ kind: 'job', remoteId: job.id, reason: 'template' })),
        next: page.next,
      };
    }
  },
};

const NO_NAMES: JobNames = { departments: new Map(), offices: new Map() };
const NO_POSTS: ReadonlyMap<string, readonly GreenhouseJobPost[]> = new Map();

function namesOnce(context: GreenhouseContext): () => Promise<JobNames> {
  let names: Promise<JobNames> | null = null;
  const fetchNames = async (): Promise<JobNames> => {
    const [departments, offices] = await Promise.all([
      namesOf(context, { path: '/departments', query: {}, what: 'departments' }),
      namesOf(context, { path: '/offices', query: {}, what: 'offices' }),
    ]);
    return { departments, offices };
  };
  return () => (names ??= fetchNames());
}

/** Harvest v3 docs, List job posts: a request for fifty jobs. */
async function postsOf(
  context: GreenhouseContext,
  rows: readonly GreenhouseJob[],
): Promise<ReadonlyMap<string, readonly GreenhouseJobPost[]>> {
  const list = { path: '/job_posts', query: {}, what: 'job posts' };
  const posts = await fetchAllIfAllowed(
    context,
    listsOf(
      list,
      'job_ids',
      rows.map((job) => job.id),
    ),
  );
  const byJob = new Map<string, GreenhouseJobPost[]>();
  for (const post of posts) {
    const parsed = jobPostSchema.safeParse(post);
    // A post is no record of its own: one that reads oddly costs the job its description, not its import.
    if (!parsed.success || parsed.data.job_id === null) continue;
    byJob.set(parsed.data.job_id, [...(byJob.get(parsed.data.job_id) ?? []), parsed.data]);
  }
  return byJob;
}
