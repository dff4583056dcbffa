import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { EntityManager, Options } from '@mikro-orm/postgresql';
import { ATS_ENTITIES } from '../ats-entities.js';
import { ATS_MIGRATIONS } from '../ats-migrations.js';
import { query } from '../database/query.js';

/** A Postgres with the library's schema in it. */
export interface AtsDatabase {
  readonly options: Options;
  em(): EntityManager;
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** The single value of a single row. */
  value<Value>(sql: string, parameters?: readonly unknown[]): Promise<Value>;
  stop(): Promise<void>;
}

export async function startAtsDatabase(): Promise<AtsDatabase> {
  const database = await startTestDatabase();
  const options: Options = {
    driver: PostgreSqlDriver,
    clientUrl: database.url,
    entities: [...ATS_ENTITIES],
    pool: { min: 0, max: 20 },
    extensions: [Migrator],
    migrations: { migrationsList: [...ATS_MIGRATIONS], tableName: 'test_migrations', snapshot: false, silent: true },
  };
  const orm = await MikroORM.init(options);
  await orm.migrator.up();
  const em = (): EntityManager => orm.em.fork();
  const rows = <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
    query<Row>(em(), sql, parameters);
  return {
    options,
    em,
    rows,
    async value<Value>(sql: string, parameters: readonly unknown[] = []): Promise<Value> {
      const [row] = await rows<Record<string, Value>>(sql, parameters);
      return Object.values(row ?? {})[0] as Value;
    },
    async stop() {
      await orm.close();
      await database.stop();
    },
  };
}
