import type { StreamSpec } from '../../contract.js';
import { parseRows } from '../../contract.js';
import { applicationStageSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { refusedList } from './faults.js';
import { toStageStay } from './normalise.stage-history.js';
import { listsFor, mayList, scopeOf, walk } from './paging.js';

const LIST = { path: '/application_stages', query: {}, what: 'application stages' };

/**
 * Harvest v3 docs, List application stages. There are several rows for each application: read whole, they would be most of an
 * account's first import, so only what changes is read.
 */
export const stageHistory: StreamSpec<GreenhouseConfig> = {
  name: 'stage-history',
  kinds: ['stage-stay'],
  modes: ['changes'],
  after: ['applications'],
  optional: true,
  wanted: ({ stageHistory: wanted }) => wanted,
  async *pages(context, request, cursor) {
    // Known to be refused: the request is saved.
    if (!mayList(context, LIST)) throw refusedList(null, LIST.what, scopeOf(LIST));
    for await (const page of walk(context, listsFor(request, LIST), cursor)) {
      const { rows, rejected } = parseRows(page.rows, 'stage-stay', applicationStageSchema);
      const records = rows.map(toStageStay).filter((stay) => stay !== null);
      yield { records, rejected, withheld: [], next: page.next };
    }
  },
};
