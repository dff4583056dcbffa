// The library in a process of its own that dies, as by `kill -9`, at the step it is told: before its n-th statement or request.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ATS_ENTITIES, AtsIntegrationModule, ConnectFlow, Disconnect, SyncRuns } from '@elly/ats-integration';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { crashAts, crashByKey } from './provider.mjs';

const { databaseUrl, atsUrl, schedule } = JSON.parse(process.argv[2]);

let steps = 0;
let dieAt = Number.POSITIVE_INFINITY;
let dieAtText;
let counting = true;
const watching = new AsyncLocalStorage();
const step = (statement) => {
  if (!counting || watching.getStore()) return;
  steps += 1;
  if (steps === dieAt || (dieAtText !== undefined && statement?.includes(dieAtText)))
    process.kill(process.pid, 'SIGKILL');
};
// MikroORM may bring a `pg` of its own.
const { Client } = createRequire(import.meta.resolve('@mikro-orm/postgresql'))('pg');
for (const { prototype } of new Set([pg.Client, Client])) {
  const { query } = prototype;
  prototype.query = function (...parameters) {
    step(parameters[0]?.text ?? parameters[0]);
    return query.apply(this, parameters);
  };
}
subscribe('undici:request:create', () => {
  counting = true;
  step();
});

/** A ledger in the same database: each call idempotent by its key, `commit` in the caller's transaction. */
const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
const ledger = {
  async reserve(key, { workspaceId }) {
    await pool.query(`insert into crash.ledger values ($1, $2, 'reserved') on conflict do nothing`, [key, workspaceId]);
    return { ok: true };
  },
  commit: (key, em) =>
    em
      .getConnection()
      .execute(
        `update crash.ledger set state = 'committed' where key = ? and state = 'reserved'`,
        [key],
        'run',
        em.getTransactionContext(),
      ),
  release: (key) =>
    pool.query(`update crash.ledger set state = 'released' where key = $1 and state = 'reserved'`, [key]),
};

/** Looks without a step: this is the test's, not the library's. */
async function untilOver(runId) {
  for (;;) {
    const { rows } = await watching.run(true, () =>
      pool.query(`select status from ats.sync_runs where id = $1`, [runId]),
    );
    if (!['queued', 'running'].includes(rows[0].status)) return rows[0].status;
    await sleep(20);
  }
}

const app = await NestFactory.createApplicationContext(
  {
    module: class CrashModule {},
    imports: [
      await MikroOrmModule.forRoot({
        driver: PostgreSqlDriver,
        clientUrl: databaseUrl,
        entities: [...ATS_ENTITIES],
        pool: { min: 0, max: 8 },
      }),
      AtsIntegrationModule.forRoot({
        providers: [crashAts, crashByKey],
        publicUrl: 'https://app.elly.example',
        encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
        providerOptions: { crash: { url: atsUrl }, 'crash-by-key': { url: atsUrl } },
        allowInsecureHosts: true,
        sync: { schedule, leaseSeconds: 2, retrySeconds: 0.2 },
        ports: {
          planLimits: { useValue: { of: () => Promise.resolve({ plan: 'starter', connections: 1 }) } },
          creditLedger: { useValue: ledger },
        },
      }),
    ],
  },
  { logger: false, abortOnError: false },
);

const flow = app.get(ConnectFlow);
const callback = { callbackPath: 'callback' };
const actions = {
  begin: ({ person }) => flow.begin(person, 'crash', callback),
  'begin-by-key': ({ person }) =>
    flow.begin(person, 'crash-by-key', { ...callback, fields: { key: `key-of-${person.workspaceId}` } }),
  again: ({ person, connectionId }) => flow.beginAgain(person, connectionId, callback),
  finish: ({ person, state, refused }) =>
    flow.finish(person, 'crash', { state, ...(refused ? { error: 'access_denied' } : { code: person.workspaceId }) }),
  sync: async ({ connectionId }) => untilOver(await app.get(SyncRuns).request(connectionId, 'incremental', 'person')),
  disconnect: ({ person, connectionId }) =>
    app.get(Disconnect).disconnect(person.workspaceId, connectionId, person.userId),
};

process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const { action, dieBeforeStep, dieBeforeStatement, fromFirstRequest, ...given } = JSON.parse(line);
  steps = 0;
  dieAtText = dieBeforeStatement;
  counting = fromFirstRequest !== true;
  dieAt = dieBeforeStep ?? Number.POSITIVE_INFINITY;
  const answer = await actions[action](given).then(
    (result) => ({ result: result ?? null }),
    (error) => ({ error: error.code ?? error.name, message: error.message }),
  );
  process.stdout.write(`${JSON.stringify({ ...answer, steps })}\n`);
}
await app.close();
