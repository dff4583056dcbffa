import { MikroORM } from '@mikro-orm/postgresql';
import type { INestApplication } from '@nestjs/common';
import { Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import { availableProviders } from './ats-ports/available-providers.js';
import { AppConfig } from './configuration/app-config.js';
import { migrate } from './database/migrate.js';
import { openDatabase } from './database/open-database.js';
import { serveOpenApi } from './open-api.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { readBodies } from './problems/read-bodies.js';
import { validationPipe } from './problems/validation.pipe.js';
import { seed } from './seed/seed.js';
import { serveWeb } from './web/serve-web.js';

export interface EllyApp {
  readonly app: INestApplication;
  readonly config: AppConfig;
  /** Whether the database is the embedded one. */
  readonly embeddedDatabase: boolean;
  /** Starts to answer on the configured port. */
  listen(): Promise<void>;
  /** Where it answers, without a trailing slash. */
  url(): string;
  /** Finishes what is under way and lets go of everything. */
  close(): Promise<void>;
}

export interface CreateAppOptions {
  /** Put something to look at into an empty database. @default true in development, false otherwise */
  readonly seed?: boolean;
  /** Takes the log, as JSON lines. @default standard output */
  readonly logTo?: DestinationStream;
}

/**
 * Builds the whole app from an environment: database opened and migrated, modules initialised, not listening yet. Several
 * may live in one process, each with its own environment.
 */
export async function createApp(
  env: Readonly<Record<string, string | undefined>>,
  options: CreateAppOptions = {},
): Promise<EllyApp> {
  const config = await AppConfig.from(env);
  const database = await openDatabase(config);
  let app: NestExpressApplication | undefined;
  try {
    app = await NestFactory.create<NestExpressApplication>(await AppModule.forRoot(config, database.url, options), {
      bufferLogs: true,
      bodyParser: false,
      // What webhooks are signed over: the bytes, not what they mean.
      rawBody: true,
      abortOnError: false,
    });
    await prepare(app, config, database.url, options);
  } catch (error) {
    await app?.close();
    await database.stop();
    throw error;
  }
  const ready = app;
  return {
    app: ready,
    config,
    embeddedDatabase: database.embedded,
    listen: async () => void (await ready.listen(config.port)),
    url: () => `http://127.0.0.1:${config.port}`,
    close: async () => {
      await ready.close();
      await database.stop();
    },
  };
}

async function prepare(
  app: NestExpressApplication,
  config: AppConfig,
  databaseUrl: string,
  options: CreateAppOptions,
): Promise<void> {
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  readBodies(app);
  app.setGlobalPrefix('api');
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter());
  const orm = app.get(MikroORM);
  await migrate(orm, databaseUrl);
  if (options.seed ?? config.mode === 'development') await seed(orm.em.fork());
  serveOpenApi(app);
  serveWeb(app);
  await app.init();
  const logger = new NestLogger('Elly');
  for (const sentence of availableProviders(config).leftOut) logger.warn(sentence);
}
