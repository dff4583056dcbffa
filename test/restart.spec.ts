import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EllyClient } from '../apps/demo/src/elly-client.js';
import { SandboxClient } from '../apps/demo/src/sandbox-client.js';
import { freePort } from '../apps/elly/src/configuration/free-port.js';

const MINUTES = 60_000;
const START = new URL('../apps/demo/dist/start.js', import.meta.url).pathname;
const PROVIDERS = ['greenhouse', 'lever'] as const;
const HOUR = 3600;

/** `npm start`, its build aside, with a folder of its own. */
describe('npm start', () => {
  let environment: Record<string, string>;
  let running: ChildProcess;
  let elly: EllyClient;
  let sandbox: SandboxClient;

  const start = async (): Promise<void> => {
    running = spawn(process.execPath, [START], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
      printed += chunk.toString();
      if (printed.includes('Stop with Ctrl+C')) break;
    }
    expect(printed).toContain('Stop with Ctrl+C');
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = once(running, 'exit');
    running.kill(signal);
    await gone;
  };

  beforeAll(async () => {
    const [port, sandboxPort] = [await freePort(), await freePort()];
    environment = {
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      DATA_DIR: await mkdtemp(join(tmpdir(), 'elly-start-')),
      LOG_LEVEL: 'silent',
    };
    elly = new EllyClient(`http://localhost:${port}`, 'ada@acme.example');
    sandbox = new SandboxClient(`http://127.0.0.1:${sandboxPort}`);
    await start();
  }, MINUTES);
  afterAll(async () => {
    await stop('SIGKILL');
    await rm(environment['DATA_DIR'] ?? '', { recursive: true, force: true });
  });

  it(
    'goes on after a restart with the connections made before, though their access tokens expired meanwhile',
    async () => {
      await elly.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
      const connections: string[] = [];
      for (const provider of PROVIDERS) {
        const connection = await elly.connect(provider, `${provider}-1`);
        const [run] = await elly.runs(connection);
        await elly.ended(connection, run?.id ?? '');
        connections.push(connection);
      }
      await stop('SIGTERM');
      await start();
      for (const provider of PROVIDERS) await sandbox.change(`${provider}-1`, { newCandidates: 1 });
      await sandbox.advance(2 * HOUR);
      for (const [index, provider] of PROVIDERS.entries()) {
        const path = `/api/ats/connections/${connections[index] ?? ''}/sync-runs/incremental`;
        const { runId } = await elly.send<{ runId: string }>('POST', path);
        const run = await elly.ended(connections[index] ?? '', runId);
        expect(run.counts['candidate']).toMatchObject({ created: 1, updated: 0 });
        const { tokenRequests } = await sandbox.account(`${provider}-1`);
        expect(tokenRequests.refresh_token).toEqual({ made: 1, granted: 1 });
      }
    },
    2 * MINUTES,
  );
});
