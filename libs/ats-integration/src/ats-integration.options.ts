import { z } from 'zod';
import { AtsError } from './support/ats-error.js';

const keySchema = z.object({
  /** Names the key in what it sealed; 1 to 16 letters, digits or dashes. */
  id: z.string().regex(/^[A-Za-z0-9-]{1,16}$/, 'must be 1 to 16 letters, digits or dashes'),
  /** 32 random bytes, base64: `openssl rand -base64 32`. */
  secret: z
    .string()
    .refine(
      (text) => Buffer.from(text, 'base64').length === 32,
      'must be 32 bytes in base64 (openssl rand -base64 32)',
    ),
});

const rateLimitSchema = z.discriminatedUnion('algorithm', [
  z.strictObject({
    algorithm: z.literal('fixed-window'),
    limit: z.number().int().positive(),
    windowSeconds: z.number().positive(),
    headers: z.strictObject({ limit: z.string(), remaining: z.string(), reset: z.string() }).nullable(),
  }),
  z.strictObject({
    algorithm: z.literal('token-bucket'),
    capacity: z.number().int().positive(),
    refillPerSecond: z.number().positive(),
  }),
]);

/** Values and secrets; everything that shapes the container (providers, queue, ports, http) is an extra of the module definition. */
export const atsIntegrationOptionsSchema = z.strictObject({
  /** Where the customer's browser reaches the host, without a trailing slash: `https://app.elly.example`. Builds the OAuth redirect address. */
  publicUrl: z.url(),
  /** Where the browser goes after a connect, relative to `publicUrl`; gets `?connection=…` or `?error=…`. @default '/settings/integrations' */
  returnPath: z.string().startsWith('/').default('/settings/integrations'),
  /** Key ring for credentials: the first seals, all open. */
  encryptionKeys: z.array(keySchema).min(1),
  /** Options of each provider by its id, checked against the provider's own schema. */
  providerOptions: z.record(z.string(), z.unknown()).default({}),
  /** Limits that an ATS agreed with this customer's account or deployment, by provider id; the manifest's otherwise. */
  rateLimits: z.record(z.string(), rateLimitSchema).default({}),
  /** Allow http and private addresses for ATS hosts: development and tests only. @default false */
  allowInsecureHosts: z.boolean().default(false),
  sync: z
    .strictObject({
      /** Seconds between two incremental runs of a connection; each wait varies by ±10 %. @default 900 */
      intervalSeconds: z.number().int().min(5).default(900),
      /** Import only people who applied to jobs that the ATS treats as open. @default true */
      openJobsOnly: z.boolean().default(true),
      /**
       * When the first import of a new connection starts. `after-preview`: nothing is imported before a person starts it,
       * with `POST connections/:id/sync-runs/initial` or any other run. @default 'at-once'
       */
      startImport: z.enum(['at-once', 'after-preview']).default('at-once'),
      /** Largest résumé in bytes; a larger one is refused and counted. @default 20 MiB */
      maxResumeBytes: z
        .number()
        .int()
        .positive()
        .default(20 * 1024 * 1024),
      /** Hours between two listings of everything, which repair what was missed and see what is gone. @default 24 */
      reconcileHours: z.number().positive().default(24),
      /** More records of a kind than this that vanish in one listing, or that the ATS tells of within an hour, are marked by nobody before a person decides. */
      deletionBrake: z
        .strictObject({
          /** Share of the living records of the kind. @default 0.1 */
          share: z.number().min(0).max(1).default(0.1),
          /** But never fewer than this many. @default 20 */
          atLeast: z.number().int().min(0).default(20),
        })
        .prefault({}),
      /** Runs at once in this process. @default 4 */
      concurrency: z.number().int().min(1).default(4),
      /** Seconds after which the run of a worker that died is another one's; a living worker gives a sign four times in it. @default 30 */
      leaseSeconds: z.number().int().min(2).default(30),
      /** Seconds until a run that failed is tried again; each further wait is three times as long. @default 5 */
      retrySeconds: z.number().positive().default(5),
      /** Let the schedule find due work. Off for a process that only serves requests. @default true */
      schedule: z.boolean().default(true),
    })
    .prefault({}),
  outbound: z
    .strictObject({
      /** Stage changes at once in this process; those of one application go one after the other. @default 4 */
      concurrency: z.number().int().min(1).default(4),
      /**
       * Seconds after a write whose answer got lost in which the ATS may still carry it out. Only a write that does not show
       * after them is sent again. @default 15
       */
      settleSeconds: z.number().positive().default(15),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      /** Seconds between two polls while webhooks of the connection are silent or cannot be verified. @default 300 */
      unhealthyIntervalSeconds: z.number().int().min(5).default(300),
      /** Seconds between two polls while webhooks come and hold; absent: as without webhooks. Polling alone is complete. */
      healthyIntervalSeconds: z.number().int().min(5).optional(),
    })
    .prefault({}),
});

export type AtsIntegrationOptionsInput = z.input<typeof atsIntegrationOptionsSchema>;
export type AtsIntegrationOptions = z.output<typeof atsIntegrationOptionsSchema>;

/** @throws AtsError `options-wrong` that names each key that is wrong, missing or unknown. */
export function parseOptions(input: unknown): AtsIntegrationOptions {
  const parsed = atsIntegrationOptionsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AtsError(
    'options-wrong',
    `The options of AtsIntegrationModule are wrong:\n${z.prettifyError(parsed.error)}`,
  );
}
