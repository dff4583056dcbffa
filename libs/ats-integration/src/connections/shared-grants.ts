import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';

/** `living`: a connection lives on it. `opening`: a sign-in is open that may be given the same one in a moment. */
export type GrantSharing = 'none' | 'living' | 'opening';

/**
 * Many servers keep one grant for an app and a user, however often that user approves: to revoke what one connection held
 * would end every other that the same approval stands for. Asked right before a grant goes back, since the account may have
 * been connected again meanwhile. The same account is the same one in every workspace; where the ATS does not name it,
 * everything that the workspace has there may be it.
 */
export async function sharingOf(em: EntityManager, connectionId: string): Promise<GrantSharing> {
  const [row] = await query<{ living: boolean | null; opening: boolean | null }>(
    em,
    `select bool_or(other.status in ('active', 'suspended') and other.grant_dead_at is null
         and (other.remote_account_id = mine.remote_account_id
           or other.workspace_id = mine.workspace_id and (other.remote_account_id is null or mine.remote_account_id is null))) as living,
       bool_or(other.status = 'authorizing' and other.id <> mine.id and other.workspace_id = mine.workspace_id) as opening
     from ats.connections mine join ats.connections other on other.provider = mine.provider
     where mine.id = $1 and other.status in ('active', 'suspended', 'authorizing')`,
    [connectionId],
  );
  if (row?.living === true) return 'living';
  return row?.opening === true ? 'opening' : 'none';
}
