import { CreateAtsSchema } from './migrations/20261123000000-create-ats-schema.js';

/**
 * The library's migrations in order: add them to the host's `migrations.migrationsList`. They touch nothing outside
 * the schema `ats`. The library never migrates by itself.
 */
export const ATS_MIGRATIONS = [{ name: 'Ats20261123000000CreateAtsSchema', class: CreateAtsSchema }] as const;
