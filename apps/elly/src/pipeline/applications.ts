import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import { Application } from './application.entity.js';
import { Stage } from './stage.entity.js';

@Injectable()
export class Applications {
  constructor(private readonly em: EntityManager) {}

  /** @throws Problem 404; 409 for an imported application, which stands where the ATS says. */
  async move(workspaceId: string, id: string, stageId: string): Promise<Application> {
    const application = await this.em.findOne(Application, { id, workspaceId });
    if (application === null) throw Problem.notFound('application');
    if ((await this.em.count(Stage, { id: stageId, workspaceId })) === 0) throw Problem.notFound('stage');
    if (application.source === 'ats') {
      throw new Problem(
        409,
        'read-only-field',
        'stage of this application comes from the ATS and cannot be changed in Elly yet. Move it in the ATS: the next sync brings it here.',
        {
          fields: ['stage'],
        },
      );
    }
    if (application.stageId !== stageId) {
      application.stageId = stageId;
      application.movedAt = new Date();
      await this.em.flush();
    }
    return application;
  }
}
