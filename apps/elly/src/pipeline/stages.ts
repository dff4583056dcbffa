import { EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import { Problem } from '../problems/problem.js';
import { Stage } from './stage.entity.js';
import type { AddStageBody, RenameStageBody } from './stage.schemas.js';

@Injectable()
export class Stages {
  constructor(private readonly em: EntityManager) {}

  list(workspaceId: string): Promise<readonly Stage[]> {
    return this.em.find(Stage, { workspaceId }, { orderBy: { position: 'asc' }, refresh: true });
  }

  async add(workspaceId: string, body: AddStageBody): Promise<Stage> {
    const last = (await this.list(workspaceId)).at(-1);
    const stage = new Stage({ workspaceId, ...body, position: (last?.position ?? -1) + 1 });
    await this.#keepNamesApart(body.name, () => this.em.persist(stage).flush());
    return stage;
  }

  async rename(workspaceId: string, id: string, body: RenameStageBody): Promise<Stage> {
    const stage = await this.em.findOne(Stage, { id, workspaceId });
    if (stage === null) throw Problem.notFound('stage');
    stage.name = body.name;
    await this.#keepNamesApart(body.name, () => this.em.flush());
    return stage;
  }

  /** Two reorderings at once: the later one wins as a whole, since each is one statement over the same rows. */
  async order(workspaceId: string, ids: readonly string[]): Promise<readonly Stage[]> {
    const stages = await this.list(workspaceId);
    if (
      ids.length !== stages.length ||
      new Set(ids).size !== ids.length ||
      !stages.every(({ id }) => ids.includes(id))
    ) {
      throw new Problem(
        409,
        'not-possible-now',
        'Give every stage of the pipeline once. Somebody may have added one: load the stages again.',
      );
    }
    await boundQuery(
      this.em,
      `update elly.stages s set position = given.position - 1
         from unnest($2::uuid[]) with ordinality as given(id, position)
        where s.id = given.id and s.workspace_id = $1`,
      [workspaceId, ids],
    );
    return this.list(workspaceId);
  }

  async #keepNamesApart(name: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      const why = error.message.includes('stages_name')
        ? `The pipeline has a stage "${name}" already.`
        : 'Somebody added a stage at the same time. Try again.';
      throw new Problem(409, 'already-exists', why);
    }
  }
}
