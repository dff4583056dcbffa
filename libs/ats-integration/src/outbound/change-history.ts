import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import type { ChangeStatus } from './stage-change-status.js';

/** A stage change as a person sees it. */
export interface StageChangeView {
  readonly id: string;
  readonly connectionId: string;
  /** Library id. */
  readonly applicationId: string;
  readonly status: ChangeStatus;
  /** The host's stage. */
  readonly toStageId: string;
  /** The host's user. */
  readonly actorUserId: string;
  /** For programs and for people: why it is where it is; null when there is nothing to say. */
  readonly code: string | null;
  readonly reason: string | null;
  /** Requests to write that went out or may have. */
  readonly attempts: number;
  readonly requestedAt: Date;
  readonly sentAt: Date | null;
  readonly settledAt: Date | null;
}

export interface ChangePage {
  readonly status?: ChangeStatus | undefined;
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const MOST_OF_AN_APPLICATION = 100;
const DATES = ['requestedAt', 'sentAt', 'settledAt'] as const;
const VIEW = `select s.id, s.connection_id as "connectionId", s.application_id as "applicationId", s.status, s.to_stage_id as "toStageId",
  s.actor_user_id as "actorUserId", s.reason_code as code, s.reason, s.requested_at as "requestedAt", s.sent_at as "sentAt",
  s.settled_at as "settledAt",
  (select count(*)::int from ats.stage_change_attempts t where t.change_id = s.id) as attempts
  from ats.stage_changes s`;

/** What was moved, what became of it, and why. */
@Injectable()
export class ChangeHistory {
  constructor(private readonly em: EntityManager) {}

  /** Newest first. @throws AtsError `not-found` */
  async list(workspaceId: string, connectionId: string, page: ChangePage): Promise<StageChangeView[]> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    return query<StageChangeView>(
      em,
      `${VIEW} where s.connection_id = $1 and ($2::text is null or s.status = $2)
         and ($3::uuid is null or s.nth < (select nth from ats.stage_changes where id = $3 and connection_id = $1))
       order by s.nth desc limit $4`,
      [connectionId, page.status ?? null, page.after ?? null, page.limit],
      DATES,
    );
  }

  /** Newest first. @throws AtsError `not-found` */
  async ofApplication(workspaceId: string, connectionId: string, applicationId: string): Promise<StageChangeView[]> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    const known = await query(em, `select 1 from ats.applications where id = $1 and connection_id = $2`, [
      applicationId,
      connectionId,
    ]);
    if (known.length === 0) throw new AtsError('not-found', 'There is no such application on this connection.');
    return query<StageChangeView>(
      em,
      `${VIEW} where s.application_id = $1 and s.connection_id = $2 order by s.nth desc limit $3`,
      [applicationId, connectionId, MOST_OF_AN_APPLICATION],
      DATES,
    );
  }

  /** The newest of each of these applications, by library id; for a board. */
  async latestOf(
    workspaceId: string,
    applicationIds: readonly string[],
  ): Promise<ReadonlyMap<string, StageChangeView>> {
    if (applicationIds.length === 0) return new Map();
    const rows = await query<StageChangeView>(
      this.em.fork(),
      `select latest.* from unnest($2::uuid[]) as given(id) cross join lateral (
         ${VIEW} where s.application_id = given.id and s.workspace_id = $1 order by s.nth desc limit 1) latest`,
      [workspaceId, applicationIds],
      DATES,
    );
    return new Map(rows.map((row) => [row.applicationId, row]));
  }
}

/** One change, in the caller's transaction. */
export async function viewOf(em: EntityManager, changeId: string): Promise<StageChangeView> {
  const [row] = await query<StageChangeView>(em, `${VIEW} where s.id = $1`, [changeId], DATES);
  if (row === undefined) throw new Error(`Stage change ${changeId} is not there although it was just written.`);
  return row;
}
