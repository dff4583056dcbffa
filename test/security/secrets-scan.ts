import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderId } from '@elly/ats-sandbox';
import { describe, expect, it } from '@jest/globals';
import { ADA } from './scene.js';
import type { Scene } from './scene.js';
import type { Exposed } from './secrets.js';

/** Where people's data is kept on purpose: what the product is for. Nothing secret may stand there either. */
const KEEPS_PEOPLE = [
  /^ats\.(users|candidates|applications|resumes|jobs|stages)\./,
  /^elly\.(candidates|applications|resumes|jobs|users)\./,
  // Who approved, for the admin to read.
  /^ats\.connections\.authorised_by$/,
];
const PEOPLE: ReadonlySet<string> = new Set(['a person of the ATS', 'a candidate']);
const TROUBLES = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, headers: { 'Retry-After': '0' } },
  { kind: 'truncated-json' },
  { kind: 'html', status: 200 },
] as const;

/** Reads everything that this run printed and stored (ASVS 14.2.1, 16.2.5). `atLeast`: so much there must be to read. */
export function describeSecretsScan(scene: () => Scene, atLeast: { readonly refusals: number }): void {
  describe('what this run printed and stored', () => {
    it.each(['greenhouse', 'lever'] as const)(
      'goes through connect, sync, refresh, faults, a lost grant, reconnect and disconnect at %s',
      async (provider) => {
        const on = scene();
        const account = on.account(provider);
        const connection = await on.connect(ADA, account);
        await runs(on, connection);
        await rememberCandidates(on, connection);
        for (const fault of TROUBLES) {
          account.faults.add([{ match: {}, fault, times: 1 }]);
          await on.ask('POST', `/ats/connections/${connection}/sync-runs/incremental`);
          await runs(on, connection);
          account.faults.clear();
        }
        await loseGrant(on, provider, account.id, connection);
        expect(await statusOf(on, connection)).toBe('reconnect_required');
        expect(await on.connect(ADA, account, connection)).toBe(connection);
        await runs(on, connection);
        expect((await on.ask('DELETE', `/ats/connections/${connection}`)).status).toBe(204);
      },
      180_000,
    );

    it('has every kind of secret to look for', () => {
      expect([...scene().secrets.kinds].sort()).toEqual([
        'a candidate',
        'a person of the ATS',
        'access token',
        'client authentication',
        'client secret',
        'code',
        'encryption key',
        'refresh token',
        'sign-in cookie',
        'state',
      ]);
    });

    it('holds no secret and nobody in the log', () => {
      const { log, secrets } = scene();
      expect(log.length).toBeGreaterThan(100);
      expect(secrets.find(log.map((text) => ({ where: 'log', text })))).toEqual([]);
    });

    it('holds no secret and nobody in work items and events', () => {
      const { queued, events, secrets } = scene();
      expect([queued.length, events.length].every((count) => count > 10)).toBe(true);
      const exposed = [
        ...queued.map((item) => ({ where: `work item ${item.kind}`, text: JSON.stringify(item) })),
        ...events.map((event) => ({ where: `event ${event.body.type}`, text: JSON.stringify(event) })),
      ];
      expect(secrets.find(exposed)).toEqual([]);
    });

    it('holds no secret and nobody in an answer that refuses or redirects', () => {
      const { refusals, secrets } = scene();
      expect(refusals.length).toBeGreaterThan(atLeast.refusals);
      const exposed = refusals.flatMap(({ request, reply }) => [
        { where: `${request} ${reply.status}`, text: reply.text },
        {
          where: `${request} ${reply.status} headers`,
          text: JSON.stringify({ ...reply.headers, 'set-cookie': undefined }),
        },
      ]);
      expect(secrets.find(exposed)).toEqual([]);
    });

    it('holds no secret in any column, and nobody where people are not kept on purpose', async () => {
      const columns = await stored(scene());
      expect(columns.length).toBeGreaterThan(60);
      const { secrets } = scene();
      const secret = new Set([...secrets.kinds].filter((kind) => !PEOPLE.has(kind)));
      expect(secrets.find(columns, secret)).toEqual([]);
      const elsewhere = columns.filter(({ where }) => !KEEPS_PEOPLE.some((kept) => kept.test(where)));
      expect(secrets.find(elsewhere, PEOPLE)).toEqual([]);
    });

    it('would be found if it were there', async () => {
      const { secrets } = scene();
      for (const what of secrets.kinds) {
        const planted = { where: 'here', text: `before ${secrets.of(what)[0] ?? ''} after` };
        expect(secrets.find([planted])).toEqual(expect.arrayContaining([{ what, where: 'here' }]));
      }
      const people = (await stored(scene())).filter(({ where }) => where.startsWith('ats.candidates.'));
      expect(secrets.find(people).map(({ what }) => what)).toContain('a candidate');
    });
  });
}

async function runs(on: Scene, connection: string): Promise<void> {
  for (let look = 0; look < 400; look += 1) {
    const rows = await on.sql(
      `select 1 from ats.sync_runs where connection_id = ? and status in ('queued', 'running')`,
      [connection],
    );
    if (rows.length === 0) return;
    await sleep(50);
  }
  throw new Error('A run did not end.');
}

async function rememberCandidates(on: Scene, connection: string): Promise<void> {
  const people = await on.sql<{ emails: string }>(
    `select emails::text as emails from ats.candidates where connection_id = ?`,
    [connection],
  );
  expect(people.length).toBeGreaterThan(0);
  for (const { emails } of people) {
    for (const [email] of emails.matchAll(/[\w.+-]+@[\w.-]+\w/g)) on.secrets.add('a candidate', email);
  }
}

async function loseGrant(on: Scene, provider: ProviderId, accountId: string, connection: string): Promise<void> {
  on.sandbox.tokens[provider].revokeGrants(accountId, {});
  await on.ask('POST', `/ats/connections/${connection}/sync-runs/incremental`);
  await runs(on, connection);
}

async function statusOf(on: Scene, connection: string): Promise<string> {
  return (await on.json<{ status: string }>('GET', `/ats/connections/${connection}`)).status;
}

/** Every text and JSON column of both schemas, whatever tables there will be. */
async function stored(on: Scene): Promise<Exposed[]> {
  const columns = await on.sql<{ table: string; column: string }>(
    `select table_schema || '.' || table_name as "table", column_name as "column" from information_schema.columns
     where table_schema in ('ats', 'elly') and data_type in ('text', 'json', 'jsonb', 'character varying', 'ARRAY')`,
  );
  const exposed: Exposed[] = [];
  for (const { table, column } of columns) {
    const [row] = await on.sql<{ text: string | null }>(
      `select string_agg("${column}"::text, chr(10)) as text from ${table}`,
    );
    exposed.push({ where: `${table}.${column}`, text: row?.text ?? '' });
  }
  return exposed;
}
