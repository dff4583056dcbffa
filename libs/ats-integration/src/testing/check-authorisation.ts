import type { OAuth2Capability } from '../contract/ats-provider.js';
import type { OAuth2Manifest } from '../contract/auth.js';
import type { ContractCheck, Subject } from './contract-check.js';
import { demand, demandEqual, FIXED_NOW, faultFrom } from './contract-check.js';

/** Set by the flow itself; a provider that sets them again would break state, PKCE or the redirect. */
const OURS = [
  'client_id',
  'client_secret',
  'redirect_uri',
  'response_type',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
];

export const AUTHORISATION_CHECKS: readonly ContractCheck[] = [
  {
    title: 'takes its options, refuses a key that it does not know and quotes no secret when it refuses',
    run: ({ provider, scenario }) => {
      demand(provider.config.safeParse(scenario.config).success, "the scenario's options are refused");
      demand(
        !provider.config.safeParse({ ...(scenario.config as object), surprise: 1 }).success,
        'an option that nobody knows is accepted',
      );
      demand(!provider.config.safeParse({}).success, 'no options at all are accepted');
      const refusal = provider.config.safeParse({ ...(scenario.config as object), surprise: 1 });
      demand(
        !secretsOf(scenario.config).some((secret) => String(refusal.error?.message).includes(secret)),
        'the refusal quotes a secret',
      );
    },
  },
  {
    title: 'has an API address and an authorisation address without a trailing slash',
    run: (subject) => {
      const { provider } = subject;
      const { config } = subject.context();
      for (const address of [provider.apiUrl(config), provider.authUrl(config)]) {
        demand(URL.canParse(address) && !address.endsWith('/'), `${address} is no address, or ends with a slash`);
      }
    },
  },
  {
    title: 'says how it authorises in its manifest and in its code alike',
    run: ({ provider }) =>
      demand(
        provider.manifest.auth.kind === provider.auth.kind,
        `the manifest says ${provider.manifest.auth.kind}, the code ${provider.auth.kind}`,
      ),
  },
];

/** Only for a provider that authorises with OAuth. */
export const OAUTH_CHECKS: readonly ContractCheck[] = [
  {
    title: 'asks for scopes that its manifest declares and leaves the parameters of the flow to the flow',
    run: (subject) => {
      const { auth, manifest } = oauthOf(subject);
      const { config } = subject.context();
      const scopes = auth.scopes(config);
      demand(scopes.length > 0 && new Set(scopes).size === scopes.length, 'no scope is asked for, or one twice');
      const declared = [...manifest.scopes, ...(manifest.optionalScopes ?? [])];
      const stranger = scopes.find((scope) => !declared.includes(scope));
      demand(stranger === undefined, `the scope ${stranger} is asked for and not in the manifest`);
      const parameters = Object.entries(auth.authorizeParameters?.(config) ?? {});
      const taken = parameters.find(([name]) => OURS.includes(name));
      demand(taken === undefined, `${taken?.[0]} is set by the flow and may not be set again`);
      demand(
        !parameters.some(([, value]) => value.includes(auth.clientSecret(config))),
        'the client secret is in the address that the browser sees',
      );
    },
  },
  {
    title: 'reads the token that its authorisation server sends',
    run: (subject) => {
      const { auth } = oauthOf(subject);
      const body = {
        access_token: 'access-1',
        refresh_token: 'refresh-1',
        token_type: 'Bearer',
        expires_in: 1800,
        scope: 'a b',
      };
      demandEqual(
        auth.parseToken(body, FIXED_NOW),
        {
          accessToken: 'access-1',
          refreshToken: 'refresh-1',
          expiresAt: new Date(FIXED_NOW.getTime() + 1_800_000),
          scopes: ['a', 'b'],
        },
        'a standard answer of a token endpoint is misread',
      );
      const { expiresAt } = auth.parseToken({ access_token: 'access-1' }, FIXED_NOW);
      demand(
        expiresAt > FIXED_NOW && expiresAt.getTime() - FIXED_NOW.getTime() <= 86_400_000,
        'a token without an end is over at once, or hardly ever',
      );
    },
  },
  {
    title: 'refuses what is no token, without quoting it',
    run: async (subject) => {
      const { auth } = oauthOf(subject);
      for (const body of [
        null,
        undefined,
        'canary-token',
        {},
        { token: 'canary-token' },
        { access_token: '', hint: 'canary-token' },
      ]) {
        const fault = await faultFrom(
          async () => auth.parseToken(body, FIXED_NOW),
          'reading something that is no token',
        );
        demand(fault.code === 'unexpected-shape', `something that is no token is ${fault.code}`);
        demand(!fault.message.includes('canary-token'), 'the fault quotes the answer of the token endpoint');
      }
    },
  },
];

function oauthOf({ provider }: Subject): { auth: OAuth2Capability<unknown>; manifest: OAuth2Manifest } {
  const { auth, manifest } = provider;
  if (auth.kind !== 'oauth2' || manifest.auth.kind !== 'oauth2')
    throw new Error('the provider does not authorise with OAuth');
  return { auth, manifest: manifest.auth };
}

/** Values under keys that name a secret, anywhere in the options. */
export function secretsOf(config: unknown): readonly string[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) =>
    typeof value === 'string' && /secret|key|token|password/i.test(key) ? [value] : secretsOf(value),
  );
}
