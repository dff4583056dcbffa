import { beforeAll, describe, expect, it } from '@jest/globals';
import { contents } from '../tenancy/acme.js';
import { routesOf } from '../tenancy/routes.js';
import type { OpenApiDocument, Route } from '../tenancy/routes.js';
import { sampleOf } from '../tenancy/sample.js';
import type { Schema } from '../tenancy/sample.js';
import type { Asking, Reply, Scene } from './scene.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const CANARY = 'canary-body-7f3a';
const DEEP = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;

/** Not to be read at all, whatever the route. */
const UNREADABLE: readonly (readonly [what: string, asking: Asking])[] = [
  ['no JSON', { body: `{"name": ${CANARY}` }],
  ['another type', { body: `name=${CANARY}`, type: 'application/x-www-form-urlencoded' }],
  ['a type that only looks like text', { body: `{"name":"${CANARY}"}`, type: 'text/plain' }],
  ['null', { body: 'null' }],
  ['a number', { body: '7' }],
  ['10 MB', { body: JSON.stringify({ name: CANARY.repeat(650_000) }) }],
];

/** Can be read and is still no body of any route that takes one. */
const SHAPELESS: readonly (readonly [what: string, body: string])[] = [
  ['a list', JSON.stringify([CANARY])],
  ['ten thousand levels', DEEP],
  ['a prototype (ASVS 15.3.6)', `{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}`],
];

/** What takes the place of each field in turn. */
const WRONG: readonly (readonly [what: string, value: (schema: Schema) => unknown])[] = [
  ['another type', ({ type }) => (type === 'object' ? [1] : { [CANARY]: 1 })],
  ['NUL', ({ type }) => (type === 'object' ? { [`a\0${CANARY}`]: 'x' } : `a\0${CANARY}`)],
  ['half a surrogate pair', ({ type }) => (type === 'object' ? { '\ud800': 'x' } : `${CANARY}\ud800`)],
];

/** Every route of the OpenAPI document that changes something, so that a new one is covered by itself. */
export function describeBadBodies(scene: () => Scene): void {
  describe('a body that is none (ASVS 2.2.1, 4.1.5, 13.1.3)', () => {
    let changing: Route[];
    let taking: Route[];
    beforeAll(async () => {
      const document = await scene().json<OpenApiDocument>('GET', '/docs-json');
      changing = routesOf(document).filter(({ method }) => method !== 'GET');
      taking = changing.filter(({ body }) => body !== undefined);
      expect(changing.length).toBeGreaterThan(10);
      expect(taking.length).toBeGreaterThan(5);
    });
    const pathOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, NOBODY);
    const name = ({ method, path }: Route): string => `${method} ${path}`;

    /** Refused with a problem document that repeats nothing, and nothing in the database is another than before. */
    const refused = async (
      asked: readonly (readonly [route: Route, what: string, asking: Asking])[],
    ): Promise<void> => {
      const before = await contents(scene().running);
      const wrong: string[] = [];
      for (const [route, what, asking] of asked) {
        const reply = await scene().ask(route.method, pathOf(route), asking);
        if (!isRefusal(reply))
          wrong.push(`${name(route)}, ${what}: ${reply.status} ${reply.type ?? ''} ${reply.text.slice(0, 120)}`);
      }
      expect(wrong).toEqual([]);
      expect(await contents(scene().running)).toEqual(before);
    };

    it.each(UNREADABLE)('is refused by every route: %s', async (what, asking) => {
      await refused(changing.map((route) => [route, what, asking]));
    });

    it.each(SHAPELESS)('is refused by every route that takes one: %s', async (what, body) => {
      await refused(taking.map((route) => [route, what, { body }]));
    });

    it.each(WRONG)('is refused with any one field wrong: %s', async (what, valueOf) => {
      const asked = taking.flatMap((route) => {
        const sample = sampleOf(route.body ?? {}, '', () => NOBODY) as Record<string, unknown>;
        return Object.entries(route.body?.properties ?? {}).map(([field, schema]) => {
          const body = JSON.stringify({ ...sample, [field]: valueOf(schema) });
          return [route, `${field} with ${what}`, { body }] as const;
        });
      });
      expect(asked.length).toBeGreaterThan(8);
      await refused(asked);
    });

    it('leaves Elly well', async () => {
      expect((await scene().ask('GET', '/session')).status).toBe(200);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });
}

function isRefusal({ status, type, text }: Reply): boolean {
  return status >= 400 && status < 500 && type === 'application/problem+json' && !text.includes(CANARY);
}
