import { z } from 'zod';

const address = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://harvest.greenhouse.io/v3' })
  .transform((url) => url.replace(/\/+$/, ''));

const withVersion = address.transform((url) => (url.endsWith('/v3') ? url : `${url}/v3`));

const credential = (what: string) =>
  z
    .string({ error: `expected ${what} of a Harvest v3 (OAuth) credential, which Greenhouse Partner Support sends` })
    .min(1, `expected ${what}, found an empty text`);

const scope = z.string().regex(/^harvest:[a-z_]+:[a-z_]+$/, 'expected a scope such as harvest:jobs:list');

/** What goes beyond reading, and needs scopes of its own. */
export const GREENHOUSE_FEATURES = ['stage-changes', 'field-changes', 'webhooks'] as const;
export type GreenhouseFeature = (typeof GREENHOUSE_FEATURES)[number];

export interface GreenhouseConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly extraScopes: readonly string[];
  readonly withoutScopes: readonly string[];
  readonly features: readonly GreenhouseFeature[];
  readonly moveFromStage: 'job-stage' | 'application-stage';
  readonly openingOnHire: 'refuse' | 'first';
  readonly stageHistory: boolean;
}

export const greenhouseConfig: z.ZodType<GreenhouseConfig> = z.strictObject({
  clientId: credential('the client id'),
  clientSecret: credential('the client secret'),
  /** `/v3` is added when it is missing. @default "https://harvest.greenhouse.io/v3" */
  apiUrl: withVersion.default('https://harvest.greenhouse.io/v3'),
  /** @default "https://auth.greenhouse.io" */
  authUrl: address.default('https://auth.greenhouse.io'),
  /** Scopes asked for beyond those of the manifest. Greenhouse refuses the whole consent for one that the app does not hold. */
  extraScopes: z.array(scope).default([]),
  /** Scopes that this app does not hold, so that the others can be had. */
  withoutScopes: z.array(scope).default([]),
  /**
   * What is asked for beyond reading. Empty unless said, because an app that only holds the scopes for reading would be refused
   * every consent. @default []
   */
  features: z.array(z.enum(GREENHOUSE_FEATURES)).default([]),
  /**
   * Which of an application's two ids for its stage a move names as `from_stage_id`: the stage of the job or the application's own
   * row. The documents leave it open and working clients disagree; with the wrong one every move is refused. @default "job-stage"
   */
  moveFromStage: z.enum(['job-stage', 'application-stage']).default('job-stage'),
  /**
   * A hire closes an opening, and Greenhouse wants to know which when the job has several. `refuse`: the hire is left to a person
   * in Greenhouse. `first`: the first open one is taken. @default "refuse"
   */
  openingOnHire: z.enum(['refuse', 'first']).default('refuse'),
  /**
   * Whether the stage history is read: a request or more for each sync, and with it moves are seen of which no webhook told.
   * @default true
   */
  stageHistory: z.boolean().default(true),
});
