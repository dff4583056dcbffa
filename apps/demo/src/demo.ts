import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '@elly/app';
import { createSandbox } from '@elly/ats-sandbox';
import { startEmbeddedPostgres } from '@elly/embedded-postgres';
import { Command } from 'commander';
import { EllyClient } from './elly-client.js';
import { Narrator } from './narrator.js';
import type { StageCount } from './narrator.js';
import { SandboxClient } from './sandbox-client.js';
import { tellStory } from './story.js';
import type { ProviderStory } from './story.js';

interface Options {
  readonly candidates: number;
  readonly seed: number;
  readonly json: boolean;
}

const ADMIN = 'ada@acme.example';
const CLIENTS = {
  greenhouse: { id: 'elly-greenhouse-1001', secret: 'sandbox-greenhouse-secret', name: 'Acme Greenhouse' },
  lever: { id: 'elly-lever', secret: 'sandbox-lever-secret', name: 'Acme Lever' },
} as const;
type ProviderId = keyof typeof CLIENTS;

/** The whole story without a browser: connect both ATSs, import, change things there, catch up, move people on both sides. */
async function demo(options: Options, print: (line: string) => void): Promise<void> {
  const narrator = new Narrator(print, options.json);
  narrator.say('Starting the sandbox, a database in memory and Elly …');
  const sandbox = createSandbox();
  const { url: sandboxUrl } = await sandbox.listen(0);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'elly-demo-'));
  const database = process.env.DATABASE_URL === undefined ? await startEmbeddedPostgres() : null;
  const elly = await createApp(environment(sandboxUrl, database?.url ?? process.env.DATABASE_URL, dataDirectory), {
    seed: true,
  });
  try {
    await elly.listen();
    const admin = new SandboxClient(sandboxUrl);
    const client = new EllyClient(elly.config.publicUrl, ADMIN);
    await client.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
    const stories: Partial<Record<ProviderId, ProviderStory>> = {};
    for (const provider of Object.keys(CLIENTS) as ProviderId[]) {
      const { id, secret, name } = CLIENTS[provider];
      await admin.registerClient(provider, id, secret, [`${elly.config.publicUrl}/api/ats/oauth/callback/${provider}`]);
      const account = await admin.createAccount(provider, name, options.seed, options.candidates);
      stories[provider] = await tellStory(provider, account.id, client, admin, narrator);
    }
    const { stages } = await client.get<{ stages: StageCount[] }>('/api/pipeline');
    narrator.pipeline(stages);
    if (options.json) print(JSON.stringify({ providers: stories }, null, 2));
  } finally {
    await elly.close();
    await database?.stop();
    await sandbox.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

function environment(
  sandbox: string,
  databaseUrl: string | undefined,
  dataDirectory: string,
): Record<string, string | undefined> {
  return {
    PORT: '0',
    DATA_DIR: dataDirectory,
    DATABASE_URL: databaseUrl,
    REDIS_URL: process.env.REDIS_URL,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    GREENHOUSE_API_URL: `${sandbox}/greenhouse`,
    GREENHOUSE_AUTH_URL: `${sandbox}/greenhouse-auth`,
    GREENHOUSE_CLIENT_ID: CLIENTS.greenhouse.id,
    GREENHOUSE_CLIENT_SECRET: CLIENTS.greenhouse.secret,
    LEVER_API_URL: `${sandbox}/lever`,
    LEVER_AUTH_URL: `${sandbox}/lever-auth`,
    LEVER_CLIENT_ID: CLIENTS.lever.id,
    LEVER_CLIENT_SECRET: CLIENTS.lever.secret,
  };
}

const command = new Command('demo')
  .description(
    'Connects Greenhouse and Lever (simulated) to Elly, imports, changes things there, catches up and moves people on both sides.',
  )
  .option('--candidates <n>', 'people in each account', (text) => Number.parseInt(text, 10), 120)
  .option('--seed <n>', 'the same seed makes the same accounts', (text) => Number.parseInt(text, 10), 1)
  .option('--json', 'print one JSON document', false)
  .action((options: Options) => demo(options, (line) => process.stdout.write(`${line}\n`)));

await command.parseAsync();
