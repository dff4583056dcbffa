import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createApp } from '@elly/app';
import { startEmbeddedPostgres } from '@elly/embedded-postgres';
import { Command } from 'commander';
import { EllyClient } from './elly-client.js';
import type { Quarantined } from './elly-client.js';
import { startReplayServer } from './replay-server.js';
import { skippedByReason } from './skipped.js';

interface Options {
  readonly provider: string;
  readonly json: boolean;
  readonly allJobs: boolean;
}

const ADMIN = 'ada@acme.example';

/** Runs an initial sync against recorded exchanges and says what came of them. */
export async function replay(folder: string, options: Options, print: (line: string) => void): Promise<void> {
  const server = await startReplayServer(resolve(folder));
  const dataDirectory = await mkdtemp(join(tmpdir(), 'elly-replay-'));
  const database = await startEmbeddedPostgres();
  const prefix = options.provider.toUpperCase();
  const elly = await createApp(
    {
      PORT: '0',
      DATA_DIR: dataDirectory,
      DATABASE_URL: database.url,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      SYNC_OPEN_JOBS_ONLY: String(!options.allJobs),
      [`${prefix}_API_URL`]: server.url,
      [`${prefix}_AUTH_URL`]: server.url,
      [`${prefix}_CLIENT_ID`]: 'replay-1',
      [`${prefix}_CLIENT_SECRET`]: 'replay',
    },
    { seed: true },
  );
  try {
    await elly.listen();
    const client = new EllyClient(elly.config.publicUrl, ADMIN);
    const connection = await client.connect(options.provider);
    const [first] = await client.runs(connection);
    if (first === undefined) throw new Error('The connect queued no sync run.');
    const run = await client.ended(connection, first.id);
    const details = await client.details(connection);
    const { jobs, stages, candidates, applications } = details.records;
    const imported = { jobs, stages, candidates, applications };
    const skipped = skippedByReason(details, run);
    const quarantined = (
      await client.get<Quarantined[]>(`/api/ats/connections/${connection}/quarantined?limit=500`)
    ).map(({ kind, remoteId, reason }) => ({ kind, remoteId, reason }));
    if (options.json) return print(JSON.stringify({ imported, skipped, quarantined }, null, 2));
    report(print, details.providerName, { imported, skipped, quarantined }, run.requests);
  } finally {
    await elly.close();
    await database.stop();
    await server.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

function report(
  print: (line: string) => void,
  name: string,
  result: { imported: Record<string, number>; skipped: Record<string, number>; quarantined: Quarantined[] },
  requests: number,
): void {
  print(`${name}, from recorded exchanges (${requests} requests)`);
  print('');
  print('Imported');
  for (const [kind, count] of Object.entries(result.imported))
    print(`  ${kind.padEnd(14)}${String(count).padStart(7)}`);
  print('Skipped');
  for (const [reason, count] of Object.entries(result.skipped))
    print(`  ${reason.padEnd(28)}${String(count).padStart(7)}`);
  if (Object.keys(result.skipped).length === 0) print('  nothing');
  print('Quarantined');
  for (const { kind, remoteId, reason } of result.quarantined) print(`  ${kind} ${remoteId ?? '(no id)'}: ${reason}`);
  if (result.quarantined.length === 0) print('  nothing');
}

const command = new Command('replay')
  .description('Runs an initial sync against recorded exchanges, served over HTTP.')
  .argument('<folder>', 'folder with *.json files of recordings')
  .option('--provider <id>', 'the ATS that was recorded', 'lever')
  .option('--all-jobs', 'import people of every job, not only of open ones', false)
  .option('--json', 'print one JSON document', false)
  .action((folder: string, options: Options) => replay(folder, options, (line) => process.stdout.write(`${line}\n`)));

await command.parseAsync();
