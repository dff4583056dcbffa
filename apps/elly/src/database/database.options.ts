import { ATS_ENTITIES, ATS_MIGRATIONS } from '@elly/ats-integration';
import { Migrator } from '@mikro-orm/migrations';
import type { Options } from '@mikro-orm/postgresql';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { ELLY_MIGRATIONS } from '../migrations/elly-migrations.js';
import { ELLY_ENTITIES } from './elly-entities.js';

/** One database, one migrator: Elly's tables in schema `elly`, the library's in its own. */
export function databaseOptions(url: string): Options {
  return {
    driver: PostgreSqlDriver,
    clientUrl: url,
    entities: [...ELLY_ENTITIES, ...ATS_ENTITIES],
    pool: { min: 0, max: 20 },
    extensions: [Migrator],
    migrations: {
      migrationsList: [...ELLY_MIGRATIONS, ...ATS_MIGRATIONS],
      tableName: 'elly_migrations',
      snapshot: false,
      silent: true,
    },
  };
}
