import type { EntityManager } from '@mikro-orm/postgresql';
import { query } from '../database/query.js';
import type { JobRecord, UserRecord } from '../contract/records.js';
import type { ConnectionStatus } from '../connections/connection-status.js';
import type { Approval } from './pre-flight.js';

/**
 * `jobless`: it lists no job, though some were imported; not the same, as far as anybody can see. `unreadable`: of what
 * was imported it shows nothing that can be read. `unknown`: the ATS does not name its accounts and nothing was imported
 * that could tell.
 */
export type AccountVerdict = 'same' | 'different' | 'jobless' | 'unreadable' | 'unknown';

export interface KnownConnection {
  readonly id: string;
  readonly status: ConnectionStatus;
  readonly statusReason: string | null;
  readonly epoch: number;
  readonly remoteAccountId: string | null;
  /** Whether it has ever finished a sync. */
  readonly synced: boolean;
  /** Whether its first import waits for a person to start it. */
  readonly awaitsStart: boolean;
}

/** What a workspace has at an ATS beside the connection that was approved just now. */
export interface OtherConnections {
  /** The one to the same account, the latest first. */
  readonly twin: KnownConnection | null;
  /** One that is not disconnected and whose account nothing tells before its first import is done. */
  readonly untold: KnownConnection | null;
}

/** Whether an approval is for the account that a connection is linked to: by its name, by its jobs, by its users. */
export async function accountOf(
  em: EntityManager,
  connection: Pick<KnownConnection, 'id' | 'remoteAccountId'>,
  approval: Approval,
): Promise<AccountVerdict> {
  const { accountId } = approval.profile;
  if (accountId !== null && connection.remoteAccountId !== null) {
    return accountId === connection.remoteAccountId ? 'same' : 'different';
  }
  const jobs = await query<KnownJob>(
    em,
    `select remote_id, title, opened_at from ats.jobs where connection_id = $1 and tombstone is null`,
    [connection.id],
    ['opened_at'],
  );
  if (jobs.length > 0) return verdictByJobs(jobs, await approval.jobs());
  const users = await query<KnownUser>(
    em,
    `select remote_id, name, email from ats.users where connection_id = $1 and tombstone is null`,
    [connection.id],
  );
  return users.length === 0 ? 'unknown' : verdictByUsers(users, await approval.users());
}

interface KnownJob {
  readonly remote_id: string;
  readonly title: string;
  readonly opened_at: Date | null;
}

interface KnownUser {
  readonly remote_id: string;
  readonly name: string;
  readonly email: string | null;
}

function verdictByJobs(known: readonly KnownJob[], listed: readonly JobRecord[] | null): AccountVerdict {
  if (listed === null) return 'unreadable';
  if (listed.length === 0) return 'jobless';
  return verdictBy(
    known,
    listed,
    (mine, job) =>
      mine.title === job.title || (mine.opened_at !== null && mine.opened_at.getTime() === job.openedAt?.getTime()),
  );
}

function verdictByUsers(known: readonly KnownUser[], listed: readonly UserRecord[] | null): AccountVerdict {
  // Who may list users is a right of its own: none listed says nothing about the account.
  if (listed === null || listed.length === 0) return 'unreadable';
  return verdictBy(
    known,
    listed,
    (mine, user) => mine.name === user.name || (mine.email !== null && mine.email === user.email),
  );
}

/** Ids alone do not tell: two accounts may count alike. */
function verdictBy<Known extends { readonly remote_id: string }, Listed extends { readonly remoteId: string }>(
  known: readonly Known[],
  listed: readonly Listed[],
  isAlike: (mine: Known, theirs: Listed) => boolean,
): AccountVerdict {
  const mine = new Map(known.map((record) => [record.remote_id, record]));
  const shared = listed.flatMap((theirs) => {
    const same = mine.get(theirs.remoteId);
    return same === undefined ? [] : [isAlike(same, theirs)];
  });
  const alike = shared.filter(Boolean).length;
  return alike > 0 && alike * 2 >= shared.length ? 'same' : 'different';
}

export async function othersLike(
  em: EntityManager,
  connection: { readonly id: string; readonly workspaceId: string },
  approval: Approval,
): Promise<OtherConnections> {
  const others = await query<KnownConnection>(
    em,
    `select id, status, status_reason as "statusReason", epoch, remote_account_id as "remoteAccountId",
       last_synced_at is not null as synced, awaits_start as "awaitsStart"
     from ats.connections
     where workspace_id = $1 and provider = $2 and id <> $3 and status <> 'authorizing'
       and (status <> 'disconnected' or last_synced_at is not null or exists (select 1 from ats.jobs j where j.connection_id = connections.id))
     order by (status = 'disconnected'), coalesce(disconnected_at, created_at) desc`,
    [connection.workspaceId, approval.provider, connection.id],
  );
  let untold: KnownConnection | null = null;
  for (const other of others) {
    const verdict = await accountOf(em, other, approval);
    if (verdict === 'same') return { twin: other, untold };
    const isUntold = verdict === 'unknown' || verdict === 'unreadable';
    if (isUntold && other.status !== 'disconnected' && !other.synced) untold ??= other;
  }
  return { twin: null, untold };
}
