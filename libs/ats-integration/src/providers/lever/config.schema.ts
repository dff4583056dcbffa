import { z } from 'zod';

/** Lever's addresses. The sandbox is an app of its own, with its own client id and secret. */
const REGIONS = {
  global: { apiUrl: 'https://api.lever.co/v1', authUrl: 'https://auth.lever.co', audience: 'https://api.lever.co/v1/' },
  // EU customers authorise at the global address and are sent to their data centre from there.
  eu: { apiUrl: 'https://api.eu.lever.co/v1', authUrl: 'https://auth.lever.co', audience: 'https://api.lever.co/v1/' },
  sandbox: {
    apiUrl: 'https://api.sandbox.lever.co/v1',
    authUrl: 'https://sandbox-lever.auth0.com',
    audience: 'https://api.sandbox.lever.co/v1/',
  },
} as const;

const address = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://api.lever.co/v1' })
  .transform((url) => url.replace(/\/+$/, ''));

const withVersion = address.transform((url) => (url.endsWith('/v1') ? url : `${url}/v1`));

const credential = (what: string) =>
  z
    .string({ error: `expected ${what}, which Lever sends by e-mail when the app is registered` })
    .min(1, `expected ${what}, found an empty text`);

/** What goes beyond reading, and needs scopes of its own. */
export const LEVER_FEATURES = ['stage-changes', 'field-changes', 'webhooks'] as const;
export type LeverFeature = (typeof LEVER_FEATURES)[number];

export interface LeverConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly audience: string;
  readonly prompt: 'consent' | null;
  readonly confidential: boolean;
  readonly features: readonly LeverFeature[];
}

export const leverConfig: z.ZodType<LeverConfig> = z
  .strictObject({
    clientId: credential('the client id'),
    clientSecret: credential('the client secret'),
    /** Which of Lever's installations; sets the three addresses below. @default "global" */
    region: z.enum(['global', 'eu', 'sandbox']).default('global'),
    /** Overrides the region's API address; `/v1` is added when it is missing. */
    apiUrl: withVersion.optional(),
    /** Overrides the region's authorisation address. */
    authUrl: address.optional(),
    /** Overrides the region's audience. Lever's own ends with a slash; without it the consent page offers nothing but `offline_access`. */
    audience: z.string().min(1).optional(),
    /** Asks for consent at every authorisation. Off, because it locks out users who log in through Microsoft 365. */
    prompt: z.enum(['consent']).optional(),
    /** Asks for confidential postings and opportunities too. @default false */
    confidential: z.boolean().default(false),
    /** What is asked for beyond reading; the scopes of what is left out are not asked for, and it is not done. @default all three */
    features: z.array(z.enum(LEVER_FEATURES)).default([...LEVER_FEATURES]),
  })
  .transform(({ region, apiUrl, authUrl, audience, prompt, ...rest }) => ({
    ...rest,
    apiUrl: apiUrl ?? REGIONS[region].apiUrl,
    authUrl: authUrl ?? REGIONS[region].authUrl,
    audience: audience ?? REGIONS[region].audience,
    prompt: prompt ?? null,
  }));
