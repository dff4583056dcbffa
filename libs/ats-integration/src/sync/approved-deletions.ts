import type { EntityManager } from '@mikro-orm/postgresql';
import type { HiringPipeline } from '../host/hiring-pipeline.port.js';
import { takeApproved } from '../records/held-deletions.js';
import { ROWS_PER_STATEMENT } from '../records/upsert-records.js';
import { buryGone } from './bury-gone.js';
import type { BuriedOf } from './bury-gone.js';

/** Marks what the ATS told of and a person approved, some in each transaction; `alone` keeps the connection's run out of it. */
export async function buryApproved(
  em: EntityManager,
  pipeline: HiringPipeline,
  of: BuriedOf,
  alone: (em: EntityManager) => Promise<unknown>,
  now: Date,
): Promise<void> {
  for (let more = true; more;) {
    more = await em.fork().transactional(async (inner) => {
      await alone(inner);
      const gone = await takeApproved(inner, of.run.connection.id, ROWS_PER_STATEMENT);
      await buryGone(inner, pipeline, of, gone, now);
      return gone.length === ROWS_PER_STATEMENT;
    });
  }
}
