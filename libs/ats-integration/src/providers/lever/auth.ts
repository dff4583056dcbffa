import type { OAuth2Capability, TokenSet } from '../../contract.js';
import { ProviderFault } from '../../contract.js';
import { tokenBodySchema } from './api.schemas.js';
import type { LeverConfig } from './config.schema.js';
import { CONFIDENTIAL_SCOPE, SCOPES, WRITE_SCOPES } from './manifest.js';

/** Lever Data API docs, Authentication, and Lever OAuth docs. */
export const auth: OAuth2Capability<LeverConfig> = {
  kind: 'oauth2',
  clientId: (config) => config.clientId,
  clientSecret: (config) => config.clientSecret,
  authorizeParameters: ({ audience, prompt }) => ({ audience, ...(prompt === null ? {} : { prompt }) }),
  scopes,
  parseToken,
};

/** The fewest: Lever allows an app twenty, and a `write` scope includes the `read` one. */
function scopes({ features, confidential }: LeverConfig): readonly string[] {
  const written = [
    ...(features.includes('stage-changes') ? [WRITE_SCOPES.opportunities] : []),
    ...(features.includes('field-changes') ? [WRITE_SCOPES.contact] : []),
    ...(features.includes('webhooks') ? [WRITE_SCOPES.webhooks] : []),
  ];
  const read = SCOPES.filter((scope) => !written.some((write) => write === scope.replace(':read:', ':write:')));
  return [...read, ...written, ...(confidential ? [CONFIDENTIAL_SCOPE] : [])];
}

/** Said nothing about how long the token lives: an hour, less a minute for the way here. */
const UNSAID_SECONDS = 3600 - 60;

function parseToken(body: unknown, now: Date): TokenSet {
  const parsed = tokenBodySchema.safeParse(body);
  if (!parsed.success) {
    throw new ProviderFault(
      'unexpected-shape',
      "Lever's authorisation server answered without an access token. Connect again; if it lasts, check authUrl in the options.",
    );
  }
  const { access_token, refresh_token, expires_in, scope } = parsed.data;
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    expiresAt: new Date(now.getTime() + (expires_in ?? UNSAID_SECONDS) * 1000),
    scopes: scope == null ? null : scope.split(/\s+/).filter((name) => name !== ''),
  };
}
