import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';
import type { TestDatabase } from '@elly/embedded-postgres/test-database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { writeGuideFiles } from './embed/guide-files.js';
import { packLibrary } from './embed/pack-library.js';
import { run, start } from './embed/run-command.js';
import type { RunningProgram } from './embed/run-command.js';

const MINUTES = 60_000;

/** Does what docs/embed.md says, in an empty folder, with the library as a customer gets it. */
describe('somebody who follows docs/embed.md', () => {
  let folder: string;
  let host: string;
  let tarball: string;
  let database: TestDatabase;
  let environment: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'elly-embed-'));
    host = join(folder, 'host');
    await mkdir(host);
    database = await startTestDatabase();
    environment = {
      DATABASE_URL: database.url,
      PUBLIC_URL: 'http://localhost:3000',
      PORT: String(await freePort()),
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      GREENHOUSE_CLIENT_ID: 'client-1001',
      GREENHOUSE_CLIENT_SECRET: 'greenhouse-secret',
      LEVER_CLIENT_ID: 'lever-client',
      LEVER_CLIENT_SECRET: 'lever-secret',
      NODE_ENV: 'development',
      REDIS_URL: '',
    };
    tarball = await packLibrary(folder);
    await writeGuideFiles('embed.md', host);
    await cp(tarball, join(host, basename(tarball)));
    const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run(host, 'npm', ['install', ...quiet]);
  }, 8 * MINUTES);

  afterAll(async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('gets a tarball with the built library and its types, and without sources or tests', async () => {
    const names = (await run(folder, 'tar', ['-tzf', tarball])).trim().split('\n');
    const strange = names.filter(
      (name) => !/^package\/(package\.json|README\.md|LICENSE|dist\/.+\.(js|js\.map|d\.ts))$/.test(name),
    );
    expect(strange).toEqual([]);
    expect(names.filter((name) => /\.spec\.|\/(src|testing-support)\//.test(name))).toEqual([]);
    for (const entry of ['index', 'contract', 'testing/index', 'providers/greenhouse/index', 'providers/lever/index']) {
      expect(names).toContain(`package/dist/${entry}.js`);
      expect(names).toContain(`package/dist/${entry}.d.ts`);
    }
  });

  it('can import every entry of the package', async () => {
    await writeFile(
      join(host, 'entries.mjs'),
      `const entries = ['', '/contract', '/testing', '/providers/greenhouse', '/providers/lever'];
for (const entry of entries) console.log(entry, Object.keys(await import('@elly/ats-integration' + entry)).sort().join(' '));\n`,
    );
    const printed = await run(host, 'node', ['entries.mjs']);
    expect(printed).toMatch(/^ .*\bAtsIntegrationModule\b/m);
    expect(printed).toMatch(/^\/contract .*\bdefineProvider\b/m);
    expect(printed).toMatch(/^\/testing .*\bdescribeAtsProvider\b/m);
    expect(printed).toMatch(/^\/providers\/greenhouse greenhouse$/m);
    expect(printed).toMatch(/^\/providers\/lever lever$/m);
  });

  it(
    'compiles against the shipped types, migrates, starts, is offered both ATSs and is sent to one',
    async () => {
      await run(host, 'npm', ['run', '--silent', 'build']);
      await run(host, 'npm', ['run', '--silent', 'migrate'], environment);
      const app = start(host, 'dist/main.js', environment);
      try {
        const ats = `http://127.0.0.1:${environment['PORT']}/ats`;
        const headers = { cookie: 'session=ada', 'content-type': 'application/json' };
        await answering(`${ats}/providers`, app);

        const catalogue = await fetch(`${ats}/providers`, { headers });
        expect(await catalogue.json()).toMatchObject([
          { id: 'greenhouse', name: 'Greenhouse', connectBy: 'oauth2' },
          { id: 'lever', name: 'Lever', connectBy: 'oauth2' },
        ]);
        expect((await fetch(`${ats}/providers`)).status).toBe(401);

        const connect = { method: 'POST', headers, body: JSON.stringify({ provider: 'lever' }) };
        const { authorizeUrl } = (await (await fetch(`${ats}/connections`, connect)).json()) as {
          authorizeUrl: string;
        };
        const sentTo = new URL(authorizeUrl);
        expect(sentTo.origin).toBe('https://auth.lever.co');
        expect(sentTo.searchParams.get('redirect_uri')).toBe('http://localhost:3000/ats/oauth/callback/lever');
      } finally {
        await app.stop();
      }
    },
    2 * MINUTES,
  );

  it(
    'has a pipeline that writes a page in the transaction it was given',
    async () => {
      await writeFile(join(host, 'apply.mjs'), APPLY);
      await run(host, 'node', ['apply.mjs'], environment);
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        const { rows } = await client.query(
          'select name, email, stage_id from people join board on board.person_id = people.id',
        );
        expect(rows).toEqual([{ name: "Zoë O'Neil?", email: 'zoe@example.com', stage_id: 'screen' }]);
      } finally {
        await client.end();
      }
    },
    1 * MINUTES,
  );

  it(
    'can write the provider of docs/write-a-provider.md, and it keeps the contract',
    async () => {
      const files = await writeGuideFiles('write-a-provider.md', host);
      expect(files.length).toBeGreaterThan(5);
      await run(host, 'npm', ['run', '--silent', 'build']);
      await cp(join(host, 'src/birch/fixtures'), join(host, 'dist/birch/fixtures'), { recursive: true });
      const report = await run(host, 'node', ['--test', '--test-reporter=tap', 'dist/birch/birch.contract.spec.js']);
      expect(report).toMatch(/^# fail 0$/m);
      expect(Number(/^# pass (\d+)$/m.exec(report)?.[1])).toBeGreaterThanOrEqual(30);
      await writeFile(
        join(host, 'folder.mjs'),
        `import { checkProviderFolder } from '@elly/ats-integration/testing';
console.log(JSON.stringify(await checkProviderFolder('src/birch')));\n`,
      );
      expect(await run(host, 'node', ['folder.mjs'])).toBe('[]\n');
    },
    1 * MINUTES,
  );

  it(
    'is told what is missing when an option is',
    async () => {
      const app = start(host, 'dist/main.js', { ...environment, ENCRYPTION_KEY: 'short' });
      expect(await app.ended).not.toBe(0);
      expect(app.output()).toMatch(/32 bytes in base64[^]*encryptionKeys\[0\]\.secret/);
    },
    1 * MINUTES,
  );
});

/** One page, once in a transaction that is rolled back and twice in one that commits. */
const APPLY = `
import { MikroORM } from '@mikro-orm/postgresql';
import config from './dist/mikro-orm.config.js';
import { PeoplePipeline } from './dist/people-pipeline.js';

const orm = await MikroORM.init(config);
const candidate = '018f0000-0000-7000-8000-000000000001';
const batch = (name, stageId) => ({
  workspaceId: 'acme', connectionId: candidate, provider: { id: 'lever', name: 'Lever' }, jobs: [], resumes: [], gone: [],
  candidates: [{ id: candidate, created: true, record: { name, emails: [{ value: 'zoe@example.com', type: null }] } }],
  applications: [{ id: candidate, created: true, record: {}, candidateId: candidate, jobId: null, placement: { stageId, how: 'mapped' } }],
});
const apply = (page) => orm.em.fork().transactional(async (em) => {
  await new PeoplePipeline().apply(page, em);
  if (page.undo) throw new Error('undo');
});
await apply({ ...batch('Nobody', 'offer'), undo: true }).catch(() => undefined);
await apply(batch('Zoe', 'new'));
await apply(batch("Zoë O'Neil?", 'screen'));
await orm.close();
`;

async function answering(url: string, app: RunningProgram): Promise<void> {
  let over = false;
  void app.ended.then(() => (over = true));
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (over) break;
    const answer = await fetch(url).catch(() => null);
    if (answer !== null) return;
    await sleep(200);
  }
  throw new Error(`The application does not answer:\n${app.output()}`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
