import { MikroORM } from '@mikro-orm/postgresql';
import { databaseOptions } from '../database/database.options.js';
import { migrate } from '../database/migrate.js';
import { defaultStages } from '../pipeline/default-stages.js';
import type { Stage } from '../pipeline/stage.entity.js';
import type { Plan } from '../workspaces/plan.js';
import { Workspace } from '../workspaces/workspace.entity.js';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';

export interface TestOrm {
  readonly orm: MikroORM;
  stop(): Promise<void>;
}

/** A migrated database without the app around it. */
export async function startTestOrm(): Promise<TestOrm> {
  const database = await startTestDatabase();
  const orm = await MikroORM.init(databaseOptions(database.url));
  await migrate(orm, database.url);
  return {
    orm: orm as MikroORM,
    stop: async () => {
      await orm.close();
      await database.stop();
    },
  };
}

export async function addWorkspace(
  orm: MikroORM,
  plan: Plan = 'starter',
): Promise<{ readonly workspaceId: string; readonly stages: readonly Stage[] }> {
  const em = orm.em.fork();
  const workspace = new Workspace({ name: 'Acme', plan });
  await em.persist(workspace).flush();
  const stages = defaultStages(workspace.id);
  await em.persist(stages).flush();
  return { workspaceId: workspace.id, stages };
}
