import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import { writeEvents } from '../events/outbox.js';

export interface IssueOrigin {
  readonly id: string;
  readonly workspaceId: string;
  readonly provider: string;
}

export interface NewIssue {
  readonly code: string;
  /** Tells issues of one code apart: a stage, a fault. */
  readonly subject: string;
  /** For an admin: what happened and what to do. */
  readonly message: string;
}

/** Raises an issue and tells the host; one that is open already only gets the newer message. */
export async function raiseIssue(
  em: EntityManager,
  connection: IssueOrigin,
  issue: NewIssue,
  now: Date,
): Promise<void> {
  const id = randomUUID();
  const [row] = await query<{ id: string }>(
    em,
    `insert into ats.issues (id, connection_id, code, subject, message, raised_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (connection_id, code, subject) where resolved_at is null do update set message = excluded.message
     returning id`,
    [id, connection.id, issue.code, issue.subject, issue.message, now],
  );
  if (row?.id !== id) return;
  const origin = { workspaceId: connection.workspaceId, connectionId: connection.id, provider: connection.provider };
  await writeEvents(em, origin, now, [{ type: 'issue.raised', code: issue.code, issueId: id }]);
}

export async function resolveIssues(em: EntityManager, connectionId: string, code: string, now: Date): Promise<void> {
  await execute(
    em,
    `update ats.issues set resolved_at = $3 where connection_id = $1 and code = $2 and resolved_at is null`,
    [connectionId, code, now],
  );
}

/** The one issue of this code that is about `subject`. */
export async function resolveIssue(
  em: EntityManager,
  connectionId: string,
  issue: Pick<NewIssue, 'code' | 'subject'>,
  now: Date,
): Promise<void> {
  await execute(
    em,
    `update ats.issues set resolved_at = $4 where connection_id = $1 and code = $2 and subject = $3 and resolved_at is null`,
    [connectionId, issue.code, issue.subject, now],
  );
}
