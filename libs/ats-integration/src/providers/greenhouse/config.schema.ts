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

export interface GreenhouseConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly extraScopes: readonly string[];
  readonly withoutScopes: readonly string[];
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
  /** Scopes of the manifest that this app does not hold, so that the others can be had. */
  withoutScopes: z.array(scope).default([]),
});
