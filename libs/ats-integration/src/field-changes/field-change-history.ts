import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import type { FieldChangeStatus, FieldOutcome } from './field-change-status.js';

/** One field of an edit and what became of it. The value itself is not kept. */
export interface ChangedField {
  /** As in the manifest; a custom field is `customFields.<key>`. */
  readonly field: string;
  readonly status: 'open' | FieldOutcome;
  readonly code: string | null;
  readonly reason: string | null;
}

/** An edit of a candidate as a person sees it. */
export interface FieldChangeView {
  readonly id: string;
  readonly connectionId: string;
  /** Library id. */
  readonly candidateId: string;
  /** `refused` or `superseded` when one of its fields is. */
  readonly status: FieldChangeStatus;
  readonly fields: readonly ChangedField[];
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

export interface FieldChangePage {
  readonly status?: FieldChangeStatus | undefined;
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const MOST_OF_A_CANDIDATE = 100;
const DATES = ['requestedAt', 'sentAt', 'settledAt'] as const;
const VIEW = `select s.id, s.connection_id as "connectionId", s.candidate_id as "candidateId", s.status, s.actor_user_id as "actorUserId",
  s.reason_code as code, s.reason, s.requested_at as "requestedAt", s.sent_at as "sentAt", s.settled_at as "settledAt",
  (select count(*)::int from ats.field_change_attempts t where t.change_id = s.id) as attempts,
  (select jsonb_agg(jsonb_build_object('field', v.field, 'status', v.status, 'code', v.reason_code, 'reason', v.reason) order by v.field)
   from ats.field_change_values v where v.change_id = s.id) as fields
  from ats.field_changes s`;

/** What was edited, what became of it, and why. */
@Injectable()
export class FieldChangeHistory {
  constructor(private readonly em: EntityManager) {}

  /** Newest first. @throws AtsError `not-found` */
  async list(workspaceId: string, connectionId: string, page: FieldChangePage): Promise<FieldChangeView[]> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    return query<FieldChangeView>(
      em,
      `${VIEW} where s.connection_id = $1 and ($2::text is null or s.status = $2)
         and ($3::uuid is null or s.nth < (select nth from ats.field_changes where id = $3 and connection_id = $1))
       order by s.nth desc limit $4`,
      [connectionId, page.status ?? null, page.after ?? null, page.limit],
      DATES,
    );
  }

  /** Newest first. @throws AtsError `not-found` */
  async ofCandidate(workspaceId: string, connectionId: string, candidateId: string): Promise<FieldChangeView[]> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    const known = await query(em, `select 1 from ats.candidates where id = $1 and connection_id = $2`, [
      candidateId,
      connectionId,
    ]);
    if (known.length === 0) throw new AtsError('not-found', 'There is no such candidate on this connection.');
    return query<FieldChangeView>(
      em,
      `${VIEW} where s.candidate_id = $1 and s.connection_id = $2 order by s.nth desc limit $3`,
      [candidateId, connectionId, MOST_OF_A_CANDIDATE],
      DATES,
    );
  }
}

/** One change, in the caller's transaction. */
export async function fieldChangeViewOf(em: EntityManager, changeId: string): Promise<FieldChangeView> {
  const [row] = await query<FieldChangeView>(em, `${VIEW} where s.id = $1`, [changeId], DATES);
  if (row === undefined) throw new Error(`Field change ${changeId} is not there although it was just written.`);
  return row;
}
