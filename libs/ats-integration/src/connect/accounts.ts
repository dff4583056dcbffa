import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import type { JobRecord } from '../contract/records.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import type { Approval } from './pre-flight.js';

/** `unknown`: the ATS does not name its accounts and nothing was imported that could tell. */
export type AccountVerdict = 'same' | 'different' | 'unknown';

export interface KnownConnection {
  readonly id: string;
  readonly status: ConnectionStatus;
  readonly epoch: number;
  readonly remoteAccountId: string | null;
}

/** Whether an approval is for the account that a connection is linked to. */
export async function accountOf(
  em: EntityManager,
  connection: Pick<KnownConnection, 'id' | 'remoteAccountId'>,
  approval: Approval,
): Promise<AccountVerdict> {
  const { accountId } = approval.profile;
  if (accountId !== null && connection.remoteAccountId !== null) {
    return accountId === connection.remoteAccountId ? 'same' : 'different';
  }
  const known = await query<{ remote_id: string; title: string; opened_at: Date | null }>(
    em,
    `select remote_id, title, opened_at from ats.jobs where connection_id = $1 and tombstone is null`,
    [connection.id],
    ['opened_at'],
  );
  if (known.length === 0) return 'unknown';
  return verdictByJobs(new Map(known.map((job) => [job.remote_id, job])), await approval.jobs());
}

/** Ids alone do not tell: two accounts may count alike. A job is the same when its title or its opening day is, too. */
export function verdictByJobs(
  known: ReadonlyMap<string, { readonly title: string; readonly opened_at: Date | null }>,
  listed: readonly JobRecord[],
): AccountVerdict {
  if (listed.length === 0) return 'unknown';
  const alike = listed.filter((job) => {
    const mine = known.get(job.remoteId);
    if (mine === undefined) return false;
    return (
      mine.title === job.title || (mine.opened_at !== null && mine.opened_at.getTime() === job.openedAt?.getTime())
    );
  });
  const shared = listed.filter((job) => known.has(job.remoteId));
  return alike.length > 0 && alike.length * 2 >= shared.length ? 'same' : 'different';
}

/** The workspace's other connection to the account that was approved just now, the latest first; null when there is none. */
export async function twinOf(
  em: EntityManager,
  connection: { readonly id: string; readonly workspaceId: string },
  approval: Approval,
): Promise<KnownConnection | null> {
  const others = await query<KnownConnection>(
    em,
    `select id, status, epoch, remote_account_id as "remoteAccountId" from ats.connections
     where workspace_id = $1 and provider = $2 and id <> $3 and status <> 'authorizing'
       and (status <> 'disconnected' or last_synced_at is not null or exists (select 1 from ats.jobs j where j.connection_id = connections.id))
     order by (status = 'disconnected'), coalesce(disconnected_at, created_at) desc`,
    [connection.workspaceId, approval.provider, connection.id],
  );
  for (const other of others) if ((await accountOf(em, other, approval)) === 'same') return other;
  return null;
}
