import type { OAuth2Capability, TokenSet } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { readIsoMoment, tokenBodySchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { FEATURE_SCOPES, SCOPES } from './manifest.js';

/** Harvest v3 docs, OAuth for partners. */
export const auth: OAuth2Capability<GreenhouseConfig> = {
  kind: 'oauth2',
  clientId: (config) => config.clientId,
  clientSecret: (config) => config.clientSecret,
  scopes: ({ features, extraScopes, withoutScopes }) => {
    const wanted = [...SCOPES, ...features.flatMap((feature) => FEATURE_SCOPES[feature]), ...extraScopes];
    return [...new Set(wanted)].filter((scope) => !withoutScopes.includes(scope));
  },
  parseToken,
};

/** Said nothing about how long the token lives: an hour, less a minute for the way here. */
const UNSAID_SECONDS = 3600 - 60;

function parseToken(body: unknown, now: Date): TokenSet {
  const parsed = tokenBodySchema.safeParse(body);
  if (!parsed.success) {
    throw new ProviderFault(
      'unexpected-shape',
      "Greenhouse's authorisation server answered without an access token. Connect again; if it lasts, check authUrl in the options.",
    );
  }
  const { access_token, refresh_token, scope, expires_in, expires_at, expires } = parsed.data;
  const lifetime = expires_in == null ? null : new Date(now.getTime() + expires_in * 1000);
  // A length first: it is right whatever the two clocks say. A moment that lies in the past is the clocks' doing.
  const stated = [lifetime, readMoment(expires_at), readMoment(expires)].find(
    (moment) => moment !== null && moment > now,
  );
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    expiresAt: stated ?? new Date(now.getTime() + UNSAID_SECONDS * 1000),
    scopes: scope == null ? null : scope.split(/\s+/).filter((name) => name !== ''),
  };
}

/** ISO text, or seconds since 1970. */
function readMoment(value: string | number | null | undefined): Date | null {
  if (value == null) return null;
  const seconds = typeof value === 'number' || /^\d+$/.test(value) ? Number(value) : null;
  return seconds === null ? readIsoMoment(String(value)) : new Date(seconds * 1000);
}
