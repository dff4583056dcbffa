import { z } from 'zod';
import type { AccountProfile, AtsProvider } from '../../contract.js';
import { singleBodySchema, userSchema } from './api.schemas.js';
import type { LeverConfig, LeverFeature } from './config.schema.js';
import { CONFIDENTIAL_SCOPE, WRITE_SCOPES } from './manifest.js';
import type { LeverContext } from './paging.js';

/** What is lost without a scope. `stops`: a sync would fail at it, so the connection is not begun. */
interface Feature {
  readonly scope: string;
  readonly stops: boolean;
  readonly loses: string;
}

const READING: readonly Feature[] = [
  { scope: 'offline_access', stops: true, loses: 'the connection would end after an hour' },
  { scope: 'opportunities:read:admin', stops: true, loses: 'candidates and applications cannot be imported' },
  { scope: 'postings:read:admin', stops: true, loses: 'jobs cannot be imported' },
  { scope: 'stages:read:admin', stops: true, loses: 'the pipeline cannot be read' },
  { scope: 'archive_reasons:read:admin', stops: true, loses: 'hired and rejected candidates cannot be told apart' },
  { scope: 'applications:read:admin', stops: false, loses: 'applications may not show the job that they belong to' },
  { scope: 'users:read:admin', stops: true, loses: 'the people who own candidates cannot be named' },
  { scope: 'resumes:read:admin', stops: true, loses: 'résumés cannot be imported' },
];

/** Writing never stops a connection: what is read stays right without it. */
const WRITING: readonly (Feature & { readonly feature: LeverFeature })[] = [
  {
    feature: 'stage-changes',
    scope: WRITE_SCOPES.opportunities,
    stops: false,
    loses: 'moves made in Elly are refused and not sent to Lever',
  },
  {
    feature: 'field-changes',
    scope: WRITE_SCOPES.contact,
    stops: false,
    loses: 'names, addresses and numbers of candidates can only be changed in Lever',
  },
  {
    feature: 'webhooks',
    scope: WRITE_SCOPES.webhooks,
    stops: false,
    loses:
      'Elly cannot register webhooks by itself, and an admin has to add them in Lever for changes to arrive at once',
  },
];

/** Lists that are asked for one row each: a scope that was granted on paper may still be refused. */
const PROBES: readonly { readonly path: string; readonly what: string; readonly scope: string }[] = [
  { path: '/postings', what: 'postings', scope: 'postings:read:admin' },
  { path: '/stages', what: 'stages', scope: 'stages:read:admin' },
  { path: '/opportunities', what: 'opportunities', scope: 'opportunities:read:admin' },
];

export const preflight: AtsProvider<LeverConfig>['preflight'] = async (context, { accessToken, requestedScopes }) => {
  const claims = readClaims(accessToken);
  const missing = missingFeatures(context);
  const refused = await probe(context);
  return {
    accountId: claims.accountId,
    accountName: null,
    authorisedBy: await nameOf(context, claims.userId),
    blockers: [
      ...missing.filter((feature) => feature.stops).map(ask),
      ...refused
        .filter(({ scope }) => !missing.some((feature) => feature.scope === scope))
        .map(
          ({ what, scope }) =>
            `Lever refuses to list ${what} although you approved. A Lever Super Admin must connect again and approve ${scope}.`,
        ),
    ],
    warnings: [
      ...missing.filter((feature) => !feature.stops).map(ask),
      ...confidentialWarnings(context, requestedScopes),
    ],
  } satisfies AccountProfile;
};

const ask = ({ scope, loses }: { scope: string; loses: string }): string =>
  `Lever did not grant ${scope}, so ${loses}. A Lever Super Admin can connect again and approve it.`;

/** Empty when the authorisation server did not say what it granted: the probes tell then. */
function missingFeatures({ scopes: granted, config }: LeverContext): readonly Feature[] {
  if (granted.length === 0) return [];
  // A `write` scope includes the `read` one (Lever OAuth docs).
  const holds = (scope: string): boolean =>
    granted.includes(scope) || granted.includes(scope.replace(':read:', ':write:'));
  const writing = WRITING.filter(({ feature }) => config.features.includes(feature));
  return [...READING, ...writing].filter(({ scope }) => !holds(scope));
}

function confidentialWarnings({ scopes, config }: LeverContext, requested: readonly string[]): readonly string[] {
  if (scopes.includes(CONFIDENTIAL_SCOPE)) return [];
  const why =
    config.confidential || requested.includes(CONFIDENTIAL_SCOPE) ? 'Lever did not grant it' : 'it is not asked for';
  // Asked for, and the server does not say what it granted: nothing to warn of.
  if (scopes.length === 0 && config.confidential) return [];
  return [
    `Confidential postings and opportunities are not visible to Elly: they need ${CONFIDENTIAL_SCOPE}, and ${why}.`,
  ];
}

async function probe({ http }: LeverContext): Promise<typeof PROBES> {
  const answers = await Promise.all(
    PROBES.map(async (list) => ({
      list,
      status: (await http.request({ path: list.path, query: { limit: 1 }, accept: [403] })).status,
    })),
  );
  return answers.filter(({ status }) => status === 403).map(({ list }) => list);
}

/** Lever Data API docs, Retrieve a single user. */
async function nameOf({ http }: LeverContext, userId: string | null): Promise<string | null> {
  if (userId === null) return null;
  const { status, body } = await http.request({ path: `/users/${encodeURIComponent(userId)}`, accept: [403, 404] });
  const single = singleBodySchema.safeParse(body);
  if (status >= 300 || !single.success) return null;
  const user = userSchema.safeParse(single.data.data);
  return user.success ? (user.data.name ?? user.data.email) : null;
}

const claimsSchema = z.looseObject({
  'https://oauth.lever.co/accountId': z.string().min(1).nullish().catch(null),
  'https://oauth.lever.co/userId': z.string().min(1).nullish().catch(null),
});

/** The token's claims, unverified: good for a name on a page, never for a decision about access. An opaque token has none. */
function readClaims(accessToken: string): { readonly accountId: string | null; readonly userId: string | null } {
  try {
    const payload: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const claims = claimsSchema.parse(payload);
    return {
      accountId: claims['https://oauth.lever.co/accountId'] ?? null,
      userId: claims['https://oauth.lever.co/userId'] ?? null,
    };
  } catch {
    return { accountId: null, userId: null };
  }
}
