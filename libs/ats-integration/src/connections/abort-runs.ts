import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';

/** Stops what is queued or running on a connection, in the transaction that ends or suspends it: the page that is being committed is the last. */
export async function abortRuns(em: EntityManager, connectionId: string, now: Date): Promise<void> {
  await execute(
    em,
    `update ats.sync_runs set status = 'aborted', finished_at = $2, lease_until = null
     where connection_id = $1 and status in ('queued', 'running')`,
    [connectionId, now],
  );
}
