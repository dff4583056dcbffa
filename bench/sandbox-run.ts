import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from '@elly/ats-sandbox';
import { EllyClient } from '@elly/demo/elly-client';
import { startTestDatabase } from '@elly/embedded-postgres/test-database';

export interface SandboxRun {
  /** Largest resident memory of the host, in MB. */
  readonly peakMb: number;
  /** From the claim of the run to its completion. */
  readonly seconds: number;
  readonly requests: number;
  readonly refused: number;
  readonly records: number;
}

const CLIENTS = {
  greenhouse: ['elly-greenhouse-1001', 'sandbox-greenhouse-secret'],
  lever: ['elly-lever', 'sandbox-lever-secret'],
} as const;

/** One initial sync by the built host in a process of its own, against the sandbox in this one. */
export async function runAgainstSandbox(
  provider: 'greenhouse' | 'lever',
  candidates: number,
  knobs: Readonly<Record<string, unknown>>,
  heapMb = 512,
): Promise<SandboxRun> {
  const sandbox = createSandbox();
  const { url } = await sandbox.listen(0);
  const database = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'elly-bench-'));
  const [clientId, clientSecret] = CLIENTS[provider];
  const prefix = provider.toUpperCase();
  const host = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, join(import.meta.dirname, 'host.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      DATA_DIR: folder,
      DATABASE_URL: database.url,
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      [`${prefix}_API_URL`]: `${url}/${provider}`,
      [`${prefix}_AUTH_URL`]: `${url}/${provider}-auth`,
      [`${prefix}_CLIENT_ID`]: clientId,
      [`${prefix}_CLIENT_SECRET`]: clientSecret,
    },
  });
  try {
    const publicUrl = await addressOf(host);
    sandbox.clients.register({
      provider,
      clientId,
      clientSecret,
      redirectUris: [`${publicUrl}/api/ats/oauth/callback/${provider}`],
    });
    const account = sandbox.accounts.create({ provider, name: 'Bench', seed: 1, candidates, knobs });
    const client = new EllyClient(publicUrl, 'ada@acme.example');
    await client.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
    const connection = await client.connect(provider, account.id);
    for (;;) {
      const [run] = await client.runs(connection);
      if (run?.status === 'failed') throw new Error(run.fault?.message ?? 'The run failed.');
      if (run?.status === 'completed') {
        const seconds = (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')) / 1000;
        const records = Object.values(run.counts).reduce((sum, { seen }) => sum + seen, 0);
        return {
          peakMb: await peakOf(host.pid),
          seconds,
          requests: run.requests,
          refused: account.requests().status429,
          records,
        };
      }
      await sleep(200);
    }
  } finally {
    host.kill('SIGKILL');
    await sandbox.close();
    await sleep(200);
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The host says where it answers in a line of its own, among what it logs. */
function addressOf(host: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    host.stdout?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      const address = /^listening on (\S+)$/m.exec(text)?.[1];
      if (address !== undefined) resolve(address);
      else if (process.env.LOG_LEVEL !== undefined) process.stderr.write(text);
    });
    host.once('exit', (code) => reject(new Error(`The host ended with ${String(code)}.`)));
  });
}

/** `VmHWM`: the kernel's own account of the most that was resident. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
