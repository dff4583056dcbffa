import { StageChanges } from '@elly/ats-integration';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import { Problem } from '../problems/problem.js';
import type { Session } from '../session/session.js';
import { Application } from './application.entity.js';
import type { MoveApplicationBody } from './board.schemas.js';
import { Stage } from './stage.entity.js';

const MOVE = `
update elly.applications set stage_id = $3, moved_at = now(), placement = 'mapped', correction = null where workspace_id = $1 and id = $2`;

@Injectable()
export class Applications {
  constructor(
    private readonly em: EntityManager,
    private readonly stageChanges: StageChanges,
  ) {}

  /**
   * An imported application moves here at once and in the ATS a moment later; when the ATS refuses, it is put back.
   * @throws Problem 404; AtsError `read-only-field` when the application's ATS takes no moves, and what else `StageChanges.request` throws
   */
  async move(session: Session, id: string, { stageId, rejection }: MoveApplicationBody): Promise<void> {
    const { workspaceId } = session;
    const application = await this.em.findOne(Application, { id, workspaceId });
    if (application === null) throw Problem.notFound('application');
    if ((await this.em.count(Stage, { id: stageId, workspaceId })) === 0) throw Problem.notFound('stage');
    if (application.stageId === stageId) return;
    const { atsRecordId } = application;
    if (atsRecordId === null) {
      application.stageId = stageId;
      application.movedAt = new Date();
      return this.em.flush();
    }
    await this.em.fork().transactional(async (em) => {
      // Before our own row: a page of a sync takes the two in this order.
      await this.stageChanges.request(
        {
          workspaceId,
          applicationId: atsRecordId,
          toStageId: stageId,
          actor: { userId: session.userId, email: session.email },
          ...(rejection === undefined ? {} : { rejection }),
        },
        em,
      );
      await boundQuery(em, MOVE, [workspaceId, id, stageId]);
    });
  }
}
