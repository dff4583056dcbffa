import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { pino } from 'pino';
import type { Options } from 'pino-http';
import { PinoPretty } from 'pino-pretty';
import type { AppConfig } from '../configuration/app-config.js';

const SECRET = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'secret',
  'authorization',
  'cookie',
];
const PERSONAL = ['email', 'emails', 'phones'];
/** What Nest says of every class and route as it starts: hundreds of lines that nobody reads twice. */
const CHATTER = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);
const INFO = 30;

/**
 * JSON lines in production, readable ones otherwise. No header, query or body is logged: secrets and people are in them.
 * The logger is one for the process: where several apps live in one, the first one's level holds for all.
 */
export function loggingModule(config: AppConfig, logTo = destination(config)): DynamicModule {
  return LoggerModule.forRoot({ pinoHttp: [options(config), logTo] });
}

function options(config: AppConfig): Options {
  const isDetailed = config.logLevel === 'debug' || config.logLevel === 'trace';
  return {
    level: config.logLevel,
    redact: { paths: [...SECRET, ...PERSONAL].flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    serializers: {
      // The path alone: the query of an OAuth callback holds a code, that of a search holds a name.
      req: (request: IncomingMessage) => ({ id: request.id, method: request.method, path: request.url?.split('?')[0] }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
      err: describeError,
    },
    wrapSerializers: false,
    autoLogging: config.isProduction || isDetailed,
    customLogLevel: (_request, response, error) =>
      error !== undefined || response.statusCode >= 500 ? 'error' : 'info',
    hooks: {
      logMethod(inputs, method, level) {
        const [first] = inputs as readonly unknown[];
        if (!isDetailed && level <= INFO && isChatter(first)) return;
        method.apply(this, inputs);
      },
    },
  };
}

function isChatter(first: unknown): boolean {
  return typeof first === 'object' && first !== null && 'context' in first && CHATTER.has(String(first.context));
}

/** Not every property of it: a database's error carries the values of the row in `detail`. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  return { type: name, message, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
}

function destination(config: AppConfig): DestinationStream {
  // In this thread, not in a worker: a worker would keep the process alive and lose the last lines of one that ends.
  if (config.isProduction) return pino.destination({ dest: 1, sync: true });
  return PinoPretty({
    singleLine: true,
    sync: true,
    ignore: 'pid,hostname,req,res,responseTime',
    translateTime: 'SYS:HH:MM:ss',
  });
}
