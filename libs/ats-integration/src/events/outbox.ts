import type { EntityManager } from '@mikro-orm/postgresql';
import { execute } from '../database/query.js';
import type { DomainEventBody } from './domain-event.js';

export interface EventOrigin {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly provider: string;
}

/** Writes events in the caller's transaction: they exist exactly when what they tell of does. */
export async function writeEvents(
  em: EntityManager,
  origin: EventOrigin,
  occurredAt: Date,
  bodies: readonly DomainEventBody[],
): Promise<void> {
  if (bodies.length === 0) return;
  await execute(
    em,
    `insert into ats.outbox_events (workspace_id, connection_id, provider, occurred_at, body)
     select $1, $2, $3, $4, body from jsonb_array_elements($5::jsonb) with ordinality as e(body, nth) order by nth`,
    [origin.workspaceId, origin.connectionId, origin.provider, occurredAt, JSON.stringify(bodies)],
  );
}
