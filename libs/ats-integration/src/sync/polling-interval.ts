import type { EntityManager } from '@mikro-orm/postgresql';
import type { AtsIntegrationOptions } from '../ats-integration.options.js';
import { query } from '../database/query.js';

/**
 * Seconds to the next poll of a connection: fewer while its webhooks are silent or cannot be verified; more only where
 * the options say so, and only while they come and hold.
 */
export async function pollingSeconds(
  em: EntityManager,
  connectionId: string,
  { sync, webhooks }: AtsIntegrationOptions,
): Promise<number> {
  const [hook] = await query<{ status: string; lately: boolean }>(
    em,
    `select status, last_genuine_at > now() - interval '1 day' as lately from ats.webhook_hooks where connection_id = $1`,
    [connectionId],
  );
  if (hook?.status === 'failing' || hook?.status === 'silent')
    return Math.min(sync.intervalSeconds, webhooks.unhealthyIntervalSeconds);
  const healthy = hook?.status === 'active' && hook.lately;
  return healthy ? (webhooks.healthyIntervalSeconds ?? sync.intervalSeconds) : sync.intervalSeconds;
}
