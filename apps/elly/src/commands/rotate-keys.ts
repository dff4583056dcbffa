import { KeyRotation } from '@elly/ats-integration';
import type { KeyRotationReport } from '@elly/ats-integration';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import type { AppConfig } from '../configuration/app-config.js';
import { openDatabase } from '../database/open-database.js';

/** What people call the tables. */
const CONTENT: Readonly<Record<string, string>> = {
  connections: "connections' credentials",
  connect_states: 'sign-ins under way',
  revocations: 'authorisations to be given back',
};

/** Seals everything with the first key of ENCRYPTION_KEYS. Opens no port and takes up no work. */
export async function rotateKeys(
  config: AppConfig,
  options: { readonly batchSize?: number } = {},
): Promise<KeyRotationReport> {
  const database = await openDatabase(config);
  try {
    const app = await NestFactory.createApplicationContext(
      await AppModule.forRoot(config, database.url, { idle: true }),
      { logger: ['error', 'warn'], abortOnError: false },
    );
    try {
      return await app.get(KeyRotation, { strict: false }).reseal(options);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

/** For a person at a terminal: what was done, what is left to do. */
export function describeRotation({ tables, keysInUse }: KeyRotationReport, sealingKey: string): string {
  const lines = tables.map(
    ({ table, resealed, unopened }) =>
      `  ${String(resealed).padStart(6)} ${CONTENT[table] ?? table}${unopened.length === 0 ? '' : `, ${unopened.length} could not be opened`}`,
  );
  const unopened = tables.flatMap(({ table, unopened: ids }) => ids.map((id) => `  ${table} ${id}`));
  const others = Object.entries(keysInUse).filter(([id]) => id !== sealingKey);
  return [
    `Sealed anew with key "${sealingKey}":`,
    ...lines,
    '',
    ...(unopened.length === 0
      ? []
      : [
          'Could not be opened and were left as they are. Put their key back into ENCRYPTION_KEYS, or let these connect again:',
          ...unopened,
          '',
        ]),
    others.length === 0
      ? 'No other key is in use: remove the old ones from ENCRYPTION_KEYS and restart.'
      : `Still in use: ${others.map(([id, count]) => `"${id}" (${count})`).join(', ')}. Keep them in ENCRYPTION_KEYS.`,
  ].join('\n');
}
