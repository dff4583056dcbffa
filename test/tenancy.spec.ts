import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { User } from '../apps/elly/src/session/user.entity.js';
import { runElly } from '../apps/elly/src/testing/running-elly.js';
import type { Answer, RunningElly } from '../apps/elly/src/testing/running-elly.js';
import { addWorkspace } from '../apps/elly/src/testing/test-orm.js';
import { contents, fillAcme } from './tenancy/acme.js';
import type { Acme } from './tenancy/acme.js';
import { routesOf } from './tenancy/routes.js';
import type { OpenApiDocument, Route } from './tenancy/routes.js';
import { holdsIds, sampleOf } from './tenancy/sample.js';

const ADA = 'ada@acme.example';
/** An admin: no role stands in the way, only the workspace. */
const EVE = 'eve@other.example';
const EVES_RECRUITER = 'rob@other.example';

/** Placeholders that name nothing of a workspace, with what takes care of them instead. */
const NAMES_NOTHING: Readonly<Record<string, string>> = {
  'callback/provider': 'names an ATS; whose sign-in it is, is bound to the state (connect-flow.spec.ts)',
  'webhooks/provider': 'names an ATS; whose delivery it is, the hook and the signature say (deliveries.spec.ts)',
  'webhooks/hookId': 'unguessable, and without the signature of its connection nothing (deliveries.spec.ts)',
};

/** Routes that ask the ATS: with the credentials of a test that is an error of ours, to Acme's own people alone. */
const ASK_THE_ATS: Readonly<Record<string, number>> = {
  '/ats/connections/{connectionId}/import-preview': 500,
  '/ats/connections/{connectionId}/move-reasons': 500,
};

describe('two workspaces (ASVS 8.2.2, 8.4.1)', () => {
  let running: RunningElly;
  let acme: Acme;
  let routes: Route[];

  beforeAll(async () => {
    running = await runElly({ GREENHOUSE_CLIENT_ID: 'client', GREENHOUSE_CLIENT_SECRET: 'secret' });
    const orm: MikroORM = running.elly.app.get(MikroORM);
    await running.request('PUT', '/workspace/plan', { plan: 'enterprise' });
    const { workspaceId } = await addWorkspace(orm, 'enterprise');
    await orm.em
      .fork()
      .persist([
        new User({ workspaceId, name: 'Eve', email: EVE, role: 'admin' }),
        new User({ workspaceId, name: 'Rob', email: EVES_RECRUITER, role: 'recruiter' }),
      ])
      .flush();
    acme = await fillAcme(running);
    routes = routesOf((await running.request('GET', '/docs-json')).body as OpenApiDocument);
  });
  afterAll(() => running.stop());

  const valueOf = (kind: 'placeholders' | 'properties', key: string, route: Route): string => {
    const value = acme[kind][key];
    if (value !== undefined) return value;
    throw new Error(
      `${route.method} ${route.path} takes an id that this test does not know: add "${key}" to \`${kind}\` in test/tenancy/acme.ts, with the id of one that Acme has.`,
    );
  };
  const call = (route: Route, user: string, over: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const path = route.placeholders.reduce((filled, { name, of }) => {
      const key = `${of}/${name}`;
      return filled.replace(`{${name}}`, over[key] ?? valueOf('placeholders', key, route));
    }, route.path);
    const idOf = (name: string): string => valueOf('properties', name, route);
    const ids = route.query.map(({ name, schema }) => `${name}=${String(sampleOf(schema, name, idOf))}`);
    const query = [...ids, ...[acme.queries[route.path] ?? []].flat()].join('&');
    const body = route.body === undefined ? undefined : sampleOf(route.body, '', idOf);
    return running.request(route.method, query === '' ? path : `${path}?${query}`, body, { 'x-elly-user': user });
  };
  const naming = (): Route[] =>
    routes.filter(
      ({ placeholders }) =>
        placeholders.length > 0 && !placeholders.some(({ name, of }) => `${of}/${name}` in NAMES_NOTHING),
    );
  /** Every route's answer by its name, so that a failure shows all that are wrong at once. */
  const answers = async (
    wanted: readonly Route[],
    ask: (route: Route) => Promise<Answer>,
  ): Promise<Record<string, number>> => {
    const seen: Record<string, number> = {};
    for (const route of wanted) seen[`${route.method} ${route.path}`] = (await ask(route)).status;
    return seen;
  };
  const all = (wanted: readonly Route[], status: unknown): Record<string, unknown> =>
    Object.fromEntries(wanted.map(({ method, path }) => [`${method} ${path}`, status]));

  it('have routes to be told apart by: those of Elly and those of the library', () => {
    const paths = naming().map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/jobs/{id}', '/ats/connections/{connectionId}']));
    expect(paths.length).toBeGreaterThan(15);
  });

  it('each find their own: every read of what Acme has answers Acme', async () => {
    const reads = naming().filter(({ method }) => method === 'GET');
    const expected = reads.map(({ method, path }) => [`${method} ${path}`, ASK_THE_ATS[path] ?? 200] as const);
    expect(await answers(reads, (route) => call(route, ADA))).toEqual(Object.fromEntries(expected));
  });

  it("do not find each other's: every route answers 404 for the other's ids, and nothing changes", async () => {
    const before = await contents(running);
    expect(await answers(naming(), (route) => call(route, EVE))).toEqual(all(naming(), 404));
    expect(await contents(running)).toEqual(before);
  });

  it('say the same of what the other has and of what nobody has', async () => {
    const details = async (over: Readonly<Record<string, string>>): Promise<Record<string, unknown>> => {
      const seen: Record<string, unknown> = {};
      for (const route of naming())
        seen[`${route.method} ${route.path}`] = ((await call(route, EVE, over)).body as { detail: string }).detail;
      return seen;
    };
    const nobodys = Object.fromEntries(
      Object.keys(acme.placeholders)
        .filter((key) => !key.startsWith('records/'))
        .map((key) => [key, randomUUID()]),
    );
    expect(await details({})).toEqual(await details(nobodys));
  });

  it("refuse the other's ids in a body or a query, and nothing changes", async () => {
    const before = await contents(running);
    const wanted = routes.filter(
      ({ body, query, placeholders }) => placeholders.length === 0 && (holdsIds(body) || query.length > 0),
    );
    const seen = await answers(wanted, (route) => call(route, EVE));
    expect(Object.entries(seen).filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
    expect(await contents(running)).toEqual(before);
  });

  it('let a recruiter of the other one change nothing either', async () => {
    const before = await contents(running);
    const seen = await answers(naming(), (route) => call(route, EVES_RECRUITER));
    expect(Object.entries(seen).filter(([, status]) => status !== 403 && status !== 404)).toEqual([]);
    expect(await contents(running)).toEqual(before);
  });

  it('do not take what is no id for one', async () => {
    const broken = Object.fromEntries(Object.keys(acme.placeholders).map((key) => [key, 'no-id']));
    const seen = await answers(naming(), (route) => call(route, ADA, broken));
    expect(Object.entries(seen).filter(([, status]) => status !== 400 && status !== 404)).toEqual([]);
  });

  it('have nothing of one connection under the id of another', async () => {
    const { otherConnection } = acme;
    const below = naming().filter(
      ({ method, placeholders }) => method === 'GET' && placeholders.filter(({ of }) => of !== 'records').length > 1,
    );
    expect(below.map(({ path }) => path)).toContain('/ats/connections/{connectionId}/sync-runs/{runId}');
    const asked = await answers(below, (route) => call(route, ADA, { 'connections/connectionId': otherConnection }));
    expect(asked).toEqual(all(below, 404));
    const record = await running.request('GET', `/ats/connections/${otherConnection}/records/user/u1`);
    expect(record.status).toBe(404);
    for (const list of ['skipped', 'quarantined', 'sync-runs']) {
      expect((await running.request('GET', `/ats/connections/${otherConnection}/${list}`)).body).toEqual([]);
    }
  });

  it('each see only their own in every list', async () => {
    const ids = new Set([...Object.values(acme.placeholders), acme.otherConnection].filter((id) => id.length === 36));
    const lists = routes.filter(({ method, placeholders }) => method === 'GET' && placeholders.length === 0);
    for (const { path } of lists) {
      const { body } = await running.request('GET', path, undefined, { 'x-elly-user': EVE });
      const leaked = [...ids].filter((id) => JSON.stringify(body).includes(id));
      expect({ path, leaked }).toEqual({ path, leaked: [] });
    }
  });

  it('are told in the OpenAPI document what every route answers', () => {
    const silent = routes.filter(({ operation }) =>
      Object.entries(operation.responses).some(
        ([status, { content }]) => content === undefined && !['204', '302'].includes(status),
      ),
    );
    const advice = 'Describe it: a route of the library in rest/open-api.ts, one of Elly with @ApiOkResponse.';
    expect(silent.map(({ method, path }) => `${method} ${path}: ${advice}`)).toEqual([]);
  });
});
