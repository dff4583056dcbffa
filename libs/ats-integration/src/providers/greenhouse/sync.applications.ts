import type { StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import type { GreenhouseApplication, GreenhouseApplicationStage } from './api.schemas.js';
import { applicationSchema, applicationStageSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { choosePresent, lacksStage, toApplication } from './normalise.js';
import type { GreenhouseContext } from './paging.js';
import { fetchAll, listsFor, listsOf, mayList, walk } from './paging.js';
import { namesOf } from './sync.names.js';

/** Harvest v3 docs, List applications. */
export const applications: StreamSpec<GreenhouseConfig> = {
  name: 'applications',
  kinds: ['application'],
  modes: ['full', 'changes', 'of-jobs', 'ids'],
  after: ['jobs'],
  async *pages(context, request, cursor) {
    let sources: Promise<ReadonlyMap<string, string>> | null = null;
    const list = { path: '/applications', query: {}, what: 'applications' };
    for await (const page of walk(context, listsFor(request, list), cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'application', applicationSchema);
      if (rows.some((row) => row.source_id !== null))
        sources ??= namesOf(context, { path: '/sources', query: {}, what: 'sources' });
      const [present, names] = await Promise.all([presentStages(context, rows.filter(lacksStage)), sources]);
      yield {
        records: rows.map((row) =>
          toApplication(row, {
            present: choosePresent(row, present.get(row.id) ?? []),
            source: row.source_id === null ? null : (names?.get(row.source_id) ?? null),
          }),
        ),
        rejected,
        withheld: [],
        next: page.next,
      };
    }
  },
};

/**
 * Harvest v3 docs, List application stages. Where applications do not name the job's stage themselves, this is the only way
 * from one to the other; it costs a request for fifty applications. A connection without the scope goes by the stage's name.
 */
export async function presentStages(
  context: GreenhouseContext,
  rows: readonly GreenhouseApplication[],
): Promise<ReadonlyMap<string, readonly GreenhouseApplicationStage[]>> {
  const list = { path: '/application_stages', query: { current: true }, what: 'application stages' };
  if (!mayList(context, list)) return new Map();
  const found = await fetchAll(
    context,
    listsOf(
      list,
      'application_ids',
      rows.map((row) => row.id),
    ),
  );
  const byApplication = new Map<string, GreenhouseApplicationStage[]>();
  for (const row of found) {
    const parsed = applicationStageSchema.safeParse(row);
    if (!parsed.success) continue;
    const id = parsed.data.application_id;
    byApplication.set(id, [...(byApplication.get(id) ?? []), parsed.data]);
  }
  return byApplication;
}
