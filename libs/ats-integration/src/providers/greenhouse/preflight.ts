import { z } from 'zod';
import type { AtsProvider } from '../../contract.js';
import type { GreenhouseUser } from './api.schemas.js';
import { userSchema } from './api.schemas.js';
import type { GreenhouseConfig } from './config.schema.js';
import { FEATURE_SCOPES } from './manifest.js';
import type { GreenhouseContext } from './paging.js';
import { scopeOf } from './paging.js';

/** What is lost without a scope. `stops`: a sync would fail at it, so the connection is not begun. */
interface Feature {
  readonly scope: string;
  readonly stops: boolean;
  readonly loses: string;
}

const READING: readonly Feature[] = [
  { scope: 'harvest:jobs:list', stops: true, loses: 'jobs cannot be imported' },
  { scope: 'harvest:job_interview_stages:list', stops: true, loses: 'the pipeline cannot be read' },
  { scope: 'harvest:applications:list', stops: true, loses: 'applications cannot be imported' },
  { scope: 'harvest:candidates:list', stops: true, loses: 'candidates cannot be imported' },
  { scope: 'harvest:attachments:list', stops: true, loses: 'résumés cannot be imported' },
  { scope: 'harvest:users:list', stops: true, loses: 'recruiters cannot be named' },
  {
    scope: 'harvest:application_stages:list',
    stops: false,
    loses: 'moves between two syncs are not seen, and some applications come with only the name of their stage',
  },
  { scope: 'harvest:job_posts:list', stops: false, loses: 'jobs come without their description' },
  { scope: 'harvest:departments:list', stops: false, loses: 'jobs come without their department' },
  { scope: 'harvest:offices:list', stops: false, loses: 'jobs come without their offices' },
  { scope: 'harvest:sources:list', stops: false, loses: 'applications come without their source' },
];

const HOOKS = 'Elly cannot keep its web hooks in Greenhouse, and an admin has to add and remove them there by hand';

/** Only what the options ask for. Writing never stops a connection: what is read stays right without it. */
const WRITING: readonly Feature[] = [
  { scope: 'harvest:applications:move', stops: false, loses: 'candidates are not moved to another stage from Elly' },
  { scope: 'harvest:applications:reject', stops: false, loses: 'candidates are not rejected from Elly' },
  { scope: 'harvest:applications:unreject', stops: false, loses: 'a rejection is not taken back from Elly' },
  { scope: 'harvest:applications:hire', stops: false, loses: 'candidates are not hired from Elly' },
  {
    scope: 'harvest:rejection_reasons:list',
    stops: false,
    loses: 'no reason can be chosen, and so candidates are not rejected from Elly',
  },
  { scope: 'harvest:rejection_details:list', stops: false, loses: 'the reason of a rejection is not read back' },
  {
    scope: 'harvest:openings:list',
    stops: false,
    loses: 'a hire for a job with several openings is refused by Greenhouse',
  },
  { scope: 'harvest:candidates:update', stops: false, loses: 'candidates can only be edited in Greenhouse' },
  ...FEATURE_SCOPES.webhooks.map((scope) => ({ scope, stops: false, loses: HOOKS })),
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
function missingFeatures(granted: readonly string[], requested: readonly string[]): readonly Feature[] {
  if (granted.length === 0) return [];
  const wanted = [
    ...READING.filter(({ scope }) => requested.includes(scope) || requested.length === 0),
    ...WRITING.filter(({ scope }) => requested.includes(scope)),
  ];
  return wanted.filter(({ scope }) => !granted.includes(scope));
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
