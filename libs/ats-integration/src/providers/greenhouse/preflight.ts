import { z } from 'zod';
import type { AtsProvider } from '../../contract.js';
import type { GreenhouseUser } from './api.schemas.js';
import { userSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import type { GreenhouseContext } from './paging.js';
import { scopeOf } from './paging.js';

/** What is lost without a scope. `stops`: a sync would fail at it, so the connection is not begun. */
const FEATURES: readonly { readonly scope: string; readonly stops: boolean; readonly loses: string }[] = [
  { scope: 'harvest:jobs:list', stops: true, loses: 'jobs cannot be imported' },
  { scope: 'harvest:job_interview_stages:list', stops: true, loses: 'the pipeline cannot be read' },
  { scope: 'harvest:applications:list', stops: true, loses: 'applications cannot be imported' },
  { scope: 'harvest:candidates:list', stops: true, loses: 'candidates cannot be imported' },
  { scope: 'harvest:application_stages:list', stops: true, loses: 'the stage of an application may not be known' },
  { scope: 'harvest:attachments:list', stops: true, loses: 'résumés cannot be imported' },
  { scope: 'harvest:users:list', stops: true, loses: 'recruiters cannot be named' },
  { scope: 'harvest:job_posts:list', stops: false, loses: 'jobs come without their description' },
  { scope: 'harvest:departments:list', stops: false, loses: 'jobs come without their department' },
  { scope: 'harvest:offices:list', stops: false, loses: 'jobs come without their offices' },
  { scope: 'harvest:sources:list', stops: false, loses: 'applications come without their source' },
];

/** Lists that are asked for one row each: only these show what the acting user may see. */
const PROBES: readonly { readonly path: string; readonly what: string }[] = [
  { path: '/jobs', what: 'jobs' },
  { path: '/applications', what: 'applications' },
  { path: '/candidates', what: 'candidates' },
];

export const preflight: AtsProvider<GreenhouseConfig>['preflight'] = async (
  context,
  { accessToken, requestedScopes },
) => {
  const [user, refused] = await Promise.all([actingUser(context, readUserId(accessToken)), probe(context)]);
  const missing = missingFeatures(context.scopes, requestedScopes);
  const name = user === null ? null : (user.name ?? user.primary_email);
  // A service account has no address and its own rights; of a person only a Site Admin sees whole lists.
  const notSiteAdmin = user !== null && user.primary_email !== null && user.site_admin === false;
  const unexplained = refused.filter((list) => !missing.some(({ scope }) => scope === scopeOf(list)));
  return {
    // Nothing that Greenhouse says names the account: the token's `silo` is a shard that many customers may share.
    accountId: null,
    accountName: null,
    authorisedBy: name,
    blockers: [
      ...missing.filter((feature) => feature.stops).map(ask),
      ...(notSiteAdmin || unexplained.length > 0
        ? [
            askSiteAdmin(
              name,
              unexplained.map(({ what }) => what),
            ),
          ]
        : []),
    ],
    warnings: missing.filter((feature) => !feature.stops).map(ask),
  };
};

const ask = ({ scope, loses }: { scope: string; loses: string }): string =>
  `Greenhouse did not grant ${scope}, so ${loses}. Ask Greenhouse Partner Support to add it to the app, then connect again.`;

function askSiteAdmin(name: string | null, refused: readonly string[]): string {
  const who = name === null ? 'The user who connected' : name;
  const what = refused.length === 0 ? 'whole lists' : refused.join(', ');
  return `${who} may not list ${what} in Greenhouse. Ask a Greenhouse Site Admin to connect, best as a service account, which goes on working when that person leaves.`;
}

/** Empty when the authorisation server did not say what it granted: the probes tell then. */
function missingFeatures(granted: readonly string[], requested: readonly string[]): typeof FEATURES {
  if (granted.length === 0) return [];
  return FEATURES.filter(
    ({ scope }) => !granted.includes(scope) && (requested.includes(scope) || requested.length === 0),
  );
}

async function probe({ http }: GreenhouseContext): Promise<typeof PROBES> {
  const answers = await Promise.all(
    PROBES.map(async (list) => ({
      list,
      status: (await http.request({ path: list.path, query: { per_page: 1 }, accept: [403] })).status,
    })),
  );
  return answers.filter(({ status }) => status === 403).map(({ list }) => list);
}

/** Harvest v3 docs, List users. The list hides service accounts unless it is asked for them. */
async function actingUser({ http }: GreenhouseContext, userId: string | null): Promise<GreenhouseUser | null> {
  if (userId === null) return null;
  const { status, body } = await http.request({
    path: '/users',
    query: { ids: userId, show_service_accounts: true },
    accept: [403, 404, 422],
  });
  if (status >= 300 || !Array.isArray(body)) return null;
  const users = body.flatMap((row) => userSchema.safeParse(row).data ?? []);
  return users.find((user) => user.id === userId) ?? null;
}

const claim = z
  .union([z.string().min(1), z.int()])
  .transform(String)
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);
const claimsSchema = z.looseObject({ sub: claim });

/** Who the token is for, unverified: good for a name on a page, never for a decision about access. An opaque token says nothing. */
function readUserId(accessToken: string): string | null {
  try {
    const payload: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { sub } = claimsSchema.parse(payload);
    return sub !== null && /^\d+$/.test(sub) ? sub : null;
  } catch {
    return null;
  }
}
