import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { ownedConnection } from '../connections/owned-connection.js';
import { query } from '../database/query.js';
import { AtsError } from '../support/ats-error.js';
import { nameMovers } from './name-movers.js';
import type { OwnMove, StageStayView, StayRow } from './name-movers.js';

/** How an application went through the ATS's stages, whether a webhook told of it or not. */
@Injectable()
export class StageHistory {
  constructor(private readonly em: EntityManager) {}

  /**
   * In the order in which the stages were entered; those of which the ATS does not know when come first. `applicationId`: the
   * library's id. @throws AtsError `not-found`
   */
  async of(workspaceId: string, connectionId: string, applicationId: string): Promise<StageStayView[]> {
    const em = this.em.fork();
    await ownedConnection(em, workspaceId, connectionId);
    const [application] = await query<{ remote_id: string }>(
      em,
      `select remote_id from ats.applications where id = $1 and connection_id = $2`,
      [applicationId, connectionId],
    );
    if (application === undefined) throw new AtsError('not-found', 'There is no such application on this connection.');
    const stays = await query<StayRow>(
      em,
      `select t.id, t.stage_remote_id as "stageRemoteId", s.name as "stageName", t.entered_at as "enteredAt",
         t.left_at as "leftAt", t.moved_by_remote_id as "movedByRemoteId", nullif(u.name, '') as "movedByName"
       from ats.stage_stays t
       left join ats.stages s on s.connection_id = t.connection_id and s.remote_id = t.stage_remote_id
       left join ats.users u on u.connection_id = t.connection_id and u.remote_id = t.moved_by_remote_id
       where t.connection_id = $1 and t.application_remote_id = $2 and t.tombstone is null
       order by t.entered_at nulls first, t.left_at nulls last, t.remote_id`,
      [connectionId, application.remote_id],
      ['enteredAt', 'leftAt'],
    );
    return nameMovers(stays, await this.#ownMoves(em, connectionId, applicationId));
  }

  /** Moves of ours that were read back, oldest first. */
  #ownMoves(em: EntityManager, connectionId: string, applicationId: string): Promise<OwnMove[]> {
    return query<OwnMove>(
      em,
      `select a.move->>'stageRemoteId' as "stageRemoteId", a.begun_at as "begunAt", a.ended_at as "endedAt",
         a.actor_remote_id as "actorRemoteId", c.actor_user_id as "hostUserId"
       from ats.stage_changes c join ats.stage_change_attempts a on a.change_id = c.id
       where c.connection_id = $1 and c.application_id = $2 and a.outcome = 'applied' and a.move->>'kind' = 'stage'
       order by a.begun_at`,
      [connectionId, applicationId],
      ['begunAt', 'endedAt'],
    );
  }
}
