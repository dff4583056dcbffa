import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AtsCandidate, AtsIntegrationModule, FolderFileStore, RunHistory, SyncRuns } from '@elly/ats-integration';
import type { CandidateRecord } from '@elly/ats-integration/contract';
import { databaseOptions } from '@elly/app/database';
import { EllyHiringPipeline } from '@elly/app/hiring-pipeline';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import { MikroORM } from '@mikro-orm/postgresql';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { pageProvider } from './page-provider.ts';
import { candidate } from './people.ts';
import { median } from './report.ts';
import type { Ratio } from './report.ts';

const PAGE = 500;
const PAGES = 24;
const ROUNDS = 9;

/** A page through the whole pipe with Elly's pipeline applied, beside one raw statement for the same rows and MikroORM's `upsertMany`. */
export async function benchPageCommit(): Promise<Ratio[]> {
  if (process.env.DATABASE_URL === undefined)
    throw new Error('Set DATABASE_URL to a PostgreSQL server: the embedded one has no floor to compare with.');
  const database = await startTestDatabase();
  let pages: readonly (readonly CandidateRecord[])[] = [];
  const orm = await MikroORM.init(databaseOptions(database.url));
  await orm.migrator.up();
  const app = await NestFactory.createApplicationContext(
    {
      module: class BenchModule {},
      imports: [
        await MikroOrmModule.forRoot(databaseOptions(database.url)),
        AtsIntegrationModule.forRoot({
          providers: [pageProvider(() => pages)],
          ports: {
            planLimits: { useValue: { of: () => Promise.resolve({ plan: 'bench', connections: 'unlimited' }) } },
            hiringPipeline: EllyHiringPipeline,
            fileStore: { useFactory: () => new FolderFileStore('/dev/null') },
          },
          publicUrl: 'https://bench.example',
          encryptionKeys: [{ id: 'k', secret: randomBytes(32).toString('base64') }],
          providerOptions: { pages: {} },
          sync: { openJobsOnly: false, schedule: false },
        }),
      ],
    },
    { logger: ['error'], abortOnError: false },
  );
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await prepare(client);
  const connection = await connect(client);
  const runs = app.get(SyncRuns);
  const history = app.get(RunHistory);
  const ours = async (unchanged = false): Promise<number> => {
    const runId = await runs.request(connection.id, 'resync', 'person');
    for (;;) {
      const run = await history.get(connection.workspaceId, connection.id, runId);
      if (run.status === 'completed') {
        const updated = run.counts.candidate?.updated;
        if (unchanged && updated !== 0)
          throw new Error(`A pass over unchanged rows updated ${String(updated)} of them.`);
        return Number(run.finishedAt) - Number(run.startedAt);
      }
      if (run.status === 'failed') throw new Error(run.fault?.message);
      await sleep(60);
    }
  };

  const times = { first: [], firstRaw: [], changed: [], changedRaw: [], unchanged: [], upsertMany: [] } as Record<
    string,
    number[]
  >;
  for (let round = 0; round < ROUNDS; round += 1) {
    const edition = (change: number) =>
      Array.from({ length: PAGES }, (_, page) =>
        Array.from({ length: PAGE }, (__, row) => candidate(page * PAGE + row, change)),
      );
    await client.query('truncate ats.candidates, elly.candidates, raw_candidates');
    pages = edition(0);
    times.first?.push(await ours());
    times.firstRaw?.push(await raw(client, pages));
    pages = edition(1);
    times.changed?.push(await ours());
    times.changedRaw?.push(await raw(client, pages));
    times.unchanged?.push(await ours(true));
    times.upsertMany?.push((await upsertMany(orm, connection.id, edition(2).slice(0, 6))) * (PAGES / 6));
  }
  await client.end();
  await app.close();
  await orm.close();
  await database.stop();
  const rows = PAGE * PAGES;
  const rate = (name: string) => rows / (median(times[name] ?? []) / 1000);
  const pairs = (left: string, right: string) =>
    median((times[left] ?? []).map((value, index) => value / (times[right]?.[index] ?? Number.NaN)));
  const perSecond = (name: string) => `${Math.round(rate(name)).toLocaleString('en')} rows/s`;
  return [
    {
      name: 'page commit, first import ÷ raw 500-row statement',
      value: pairs('firstRaw', 'first'),
      target: 0.65,
      detail: `${perSecond('first')} : ${perSecond('firstRaw')}`,
    },
    {
      name: 'page commit, every row changed ÷ raw statement',
      value: pairs('changedRaw', 'changed'),
      target: 0.65,
      detail: `${perSecond('changed')} : ${perSecond('changedRaw')}`,
    },
    {
      name: 'page commit, every row changed ÷ em.upsertMany',
      value: pairs('upsertMany', 'changed'),
      target: 3.5,
      detail: `${perSecond('changed')} : ${perSecond('upsertMany')}`,
    },
    {
      name: 'unchanged page ÷ changed page',
      value: pairs('changed', 'unchanged'),
      target: 2,
      detail: `${perSecond('unchanged')} : ${perSecond('changed')}`,
    },
  ];
}

async function prepare(client: pg.Client): Promise<void> {
  await client.query('create table raw_candidates (like ats.candidates including all)');
  // `like` leaves the storage parameters out: the floor has the room on its pages that our rows have.
  await client.query(`do $$ begin execute 'alter table raw_candidates set (' ||
    (select array_to_string(reloptions, ', ') from pg_class where oid = 'ats.candidates'::regclass) || ')'; end $$`);
}

/** Nobody looks for its résumés: there are none, and no ATS to sign in to. */
async function connect(client: pg.Client): Promise<{ id: string; workspaceId: string }> {
  const connection = { id: randomUUID(), workspaceId: randomUUID() };
  await client.query(`insert into elly.workspaces (id, name, plan, credits) values ($1, 'Bench', 'enterprise', 10)`, [
    connection.workspaceId,
  ]);
  await client.query(
    `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, resumes_lease_until, created_by, created_at)
     values ($1, $2, 'pages', 'active', 'none', 'infinity', 'bench', now())`,
    [connection.id, connection.workspaceId],
  );
  return connection;
}

const COLUMNS = {
  remote_id: 'text',
  hash: 'text',
  version: 'bigint',
  name: 'text',
  first_name: 'text',
  last_name: 'text',
  emails: 'jsonb',
  phones: 'jsonb',
  headline: 'text',
  company: 'text',
  location: 'text',
  links: 'jsonb',
  tags: 'jsonb',
  anonymised: 'boolean',
  url: 'text',
  custom_fields: 'jsonb',
};

/** The floor: rows as they are, one statement a page, nothing read, nothing decided. */
async function raw(client: pg.Client, pages: readonly (readonly CandidateRecord[])[]): Promise<number> {
  const names = Object.keys(COLUMNS);
  const statement = `insert into raw_candidates as t (connection_id, ${names.join(', ')})
    select '00000000-0000-0000-0000-000000000001'::uuid, ${names.join(', ')}
    from jsonb_to_recordset($1::jsonb) as r(${Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')})
    on conflict (connection_id, remote_id) do update set ${names
      .slice(1)
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}`;
  const start = performance.now();
  for (const page of pages) {
    const rows = page.map((record) => ({
      remote_id: record.remoteId,
      hash: 'none',
      version: record.updatedAt?.getTime(),
      name: record.name,
      first_name: record.firstName,
      last_name: record.lastName,
      emails: record.emails,
      phones: record.phones,
      headline: record.headline,
      company: record.company,
      location: record.location,
      links: record.links,
      tags: record.tags,
      anonymised: record.anonymised,
      url: record.url,
      custom_fields: record.customFields,
    }));
    await client.query(statement, [JSON.stringify(rows)]);
  }
  return performance.now() - start;
}

async function upsertMany(
  orm: MikroORM,
  connectionId: string,
  pages: readonly (readonly CandidateRecord[])[],
): Promise<number> {
  const start = performance.now();
  for (const page of pages) {
    const em = orm.em.fork();
    await em.upsertMany(
      AtsCandidate,
      page.map((record) => ({
        id: randomUUID(),
        connectionId,
        remoteId: record.remoteId,
        tombstone: null,
        createdAt: new Date(),
        changedAt: new Date(),
        hash: 'none',
        version: record.updatedAt?.getTime() ?? 0,
        name: record.name,
        firstName: record.firstName,
        lastName: record.lastName,
        emails: record.emails,
        phones: record.phones,
        headline: record.headline,
        company: record.company,
        location: record.location,
        links: record.links,
        tags: record.tags,
        anonymised: record.anonymised,
        url: record.url,
        customFields: record.customFields,
      })),
      // As we do: an update keeps the id that the row has, and so is spared the index on it.
      { onConflictFields: ['connectionId', 'remoteId'], onConflictExcludeFields: ['id', 'createdAt'] },
    );
  }
  return performance.now() - start;
}
