import { defineEntity, p } from '@mikro-orm/core';
import type { Cursor } from '../contract/page.js';
import type { StreamCounts } from './stream-counts.js';

const schema = defineEntity({
  name: 'AtsSyncStream',
  tableName: 'sync_streams',
  schema: 'ats',
  properties: {
    runId: p.uuid().primary(),
    stream: p.text().primary(),
    status: p.enum(['pending', 'running', 'done']),
    cursor: p.json().$type<Cursor>().nullable(),
    pages: p.integer().default(0),
    total: p.integer().nullable(),
    counts: p.json().$type<StreamCounts>(),
  },
});

/** How far one stream of a run has come. The cursor is written in the transaction of the page behind which it stands. */
export class SyncStream extends schema.class {}
schema.setClass(SyncStream);
