import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSandbox } from '@elly/ats-sandbox';
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
): Promise<SandboxRun> {
  const sandbox = createSandbox();
  const { url } = await sandbox.listen(0);
  const database = await startTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'elly-bench-'));
  const [clientId, clientSecret] = CLIENTS[provider];
  const prefix = provider.toUpperCase();
  const host = spawn(process.execPath, ['--max-old-space-size=512', join(import.meta.dirname, 'host.ts')], {
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
    const client = new Host(publicUrl.replace('localhost', '127.0.0.1'));
    await client.send('PUT', '/api/workspace/plan', { plan: 'enterprise' });
    const connection = await client.connect(provider, account.id);
    for (;;) {
      const [run] = await client.get<readonly HostRun[]>(`/api/ats/connections/${connection}/sync-runs`);
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

interface HostRun {
  readonly status: string;
  readonly requests: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly fault: { readonly message: string } | null;
  readonly counts: Readonly<Record<string, { readonly seen: number }>>;
}

class Host {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async get<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, { headers: { 'x-elly-user': 'ada@acme.example' } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as Answer;
  }

  async send<Answer>(method: string, path: string, body: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'x-elly-user': 'ada@acme.example', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  async connect(provider: string, account: string): Promise<string> {
    const { authorizeUrl } = await this.send<{ authorizeUrl: string }>('POST', '/api/ats/connections', { provider });
    const html = await (await fetch(authorizeUrl)).text();
    const form = new URLSearchParams();
    for (const [, name = '', value = ''] of html.matchAll(
      /<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g,
    )) {
      form.set(name, unescape(value));
    }
    form.set('account', account);
    form.set('decision', 'approve');
    const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? '';
    const approved = await fetch(new URL(unescape(action), authorizeUrl), {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });
    const callback = await fetch((approved.headers.get('location') ?? '').replace('localhost', '127.0.0.1'), {
      headers: { 'x-elly-user': 'ada@acme.example' },
      redirect: 'manual',
    });
    const connection = new URL(callback.headers.get('location') ?? '', this.url).searchParams.get('connection');
    if (connection === null) throw new Error('The connect came to nothing.');
    return connection;
  }
}

function unescape(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
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
