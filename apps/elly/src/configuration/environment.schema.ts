import { z } from 'zod';

/** An empty variable is an absent one: that is what `FOO= npm start` means. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
  .transform((address) => address.replace(/\/+$/, ''));

/** Beyond reading; the providers of both ATSs call them the same. */
const FEATURES = ['stage-changes', 'field-changes', 'webhooks'] as const;

/** `stage-changes,webhooks`; `none` reads alone. @default all of them */
const features = optional(
  z
    .string()
    .transform((text) => (text === 'none' ? [] : text.split(',').map((name) => name.trim())))
    .pipe(z.array(z.enum(FEATURES, { error: `must be "none" or some of ${FEATURES.join(', ')}` }))),
).transform((given) => given ?? [...FEATURES]);

/** Every variable that the app reads; README.md says what each is for. Unknown variables pass: the environment is not ours alone. */
export const environmentSchema = z.object({
  NODE_ENV: optional(z.enum(['development', 'test', 'production'])).transform((mode) => mode ?? 'development'),
  PORT: optional(z.coerce.number().int().min(0).max(65535)).transform((port) => port ?? 3000),
  DATABASE_URL: optional(z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgres://')),
  REDIS_URL: optional(z.string().regex(/^rediss?:\/\//, 'must start with redis://')),
  REDIS_PREFIX: optional(z.string().regex(/^[\w-]+$/, 'must be letters, digits, "_" and "-"')),
  PUBLIC_URL: optional(httpUrl),
  DATA_DIR: optional(z.string()).transform((folder) => folder ?? '.data'),
  ENCRYPTION_KEYS: optional(z.string()),
  GREENHOUSE_API_URL: optional(httpUrl),
  GREENHOUSE_AUTH_URL: optional(httpUrl),
  GREENHOUSE_CLIENT_ID: optional(z.string()),
  GREENHOUSE_CLIENT_SECRET: optional(z.string()),
  GREENHOUSE_FEATURES: features,
  LEVER_API_URL: optional(httpUrl),
  LEVER_AUTH_URL: optional(httpUrl),
  LEVER_CLIENT_ID: optional(z.string()),
  LEVER_CLIENT_SECRET: optional(z.string()),
  LEVER_FEATURES: features,
  LEVER_AUDIENCE: optional(z.string()),
  SYNC_INTERVAL_SECONDS: optional(z.coerce.number().int().min(5)),
  SYNC_LEASE_SECONDS: optional(z.coerce.number().int().min(2)),
  SYNC_RETRY_SECONDS: optional(z.coerce.number().positive()),
  OUTBOUND_SETTLE_SECONDS: optional(z.coerce.number().positive()),
  SYNC_START_IMPORT: optional(z.enum(['at-once', 'after-preview'])),
  SYNC_OPEN_JOBS_ONLY: optional(z.enum(['true', 'false'])).transform((value) => value !== 'false'),
  LOG_LEVEL: optional(z.enum(['silent', 'error', 'warn', 'info', 'debug', 'trace'])).transform(
    (level) => level ?? 'info',
  ),
});

export type Environment = z.output<typeof environmentSchema>;
export type LogLevel = Environment['LOG_LEVEL'];

/** @throws Error with one line for each variable that is wrong. Values are not repeated: some are secrets. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const result = environmentSchema.safeParse(env);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is not usable (apps/elly/README.md describes each variable):\n${lines.join('\n')}`);
}
