import { setTimeout as sleep } from 'node:timers/promises';
import { Browser } from './browser.js';
import { approve } from './consent.js';

export interface KindCounts {
  readonly seen: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly quarantined: number;
}

export interface Run {
  readonly id: string;
  readonly kind: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'aborted';
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly requests: number;
  readonly fault: { readonly code: string; readonly message: string } | null;
  readonly counts: Readonly<Record<string, KindCounts>>;
}

export interface Details {
  readonly id: string;
  readonly providerName: string;
  readonly accountName: string | null;
  readonly authorisedBy: string | null;
  readonly warnings: readonly string[];
  readonly records: {
    readonly jobs: number;
    readonly openJobs: number;
    readonly stages: number;
    readonly candidates: number;
    readonly applications: number;
    readonly resumes: number;
    readonly resumesPending: number;
  };
  readonly skipped: readonly { readonly kind: string; readonly reason: string; readonly count: number }[];
  readonly quarantined: number;
}

export interface Quarantined {
  readonly kind: string;
  readonly remoteId: string | null;
  readonly reason: string;
}

const POLL_MS = 150;

/** Elly as a signed-in admin uses it, over HTTP. */
export class EllyClient {
  /** One for Elly and the ATSs, as a person has one: what a connect leaves in it must be there when the ATS sends it back. */
  readonly browser = new Browser();

  /** `baseUrl`: the public address, since cookies belong to a host and the ATS sends the browser back to that one. */
  constructor(
    private readonly baseUrl: string,
    private readonly user: string,
  ) {}

  async get<Answer>(path: string): Promise<Answer> {
    return this.#send<Answer>('GET', path);
  }

  async send<Answer>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return this.#send<Answer>(method, path, body);
  }

  /** Connects an ATS the way a browser does: to its sign-in, through its consent page and back. */
  async connect(provider: string, account?: string): Promise<string> {
    const { authorizeUrl } = await this.send<{ authorizeUrl: string }>('POST', '/api/ats/connections', { provider });
    const end = await this.returnFrom(await approve(this.browser, authorizeUrl, account));
    const connection = end.get('connection');
    if (connection === null) throw new Error(end.get('message') ?? 'The connect came back without a connection.');
    return connection;
  }

  /** Comes back from an ATS's sign-in. Returns what the settings page is told: `connection`, or `error` and `message`. */
  async returnFrom(callback: string): Promise<URLSearchParams> {
    const page = await this.browser.open(callback, { headers: { 'x-elly-user': this.user } });
    if (page.location === null) throw new Error(`The callback answered ${page.status}: ${page.text}`);
    return new URL(page.location).searchParams;
  }

  details(connection: string): Promise<Details> {
    return this.get(`/api/ats/connections/${connection}`);
  }

  runs(connection: string): Promise<readonly Run[]> {
    return this.get(`/api/ats/connections/${connection}/sync-runs`);
  }

  /** The fields of one record by its id in the ATS; null when it is not here. */
  async record(connection: string, kind: string, remoteId: string): Promise<unknown> {
    const answer = await this.browser.open(
      `${this.baseUrl}/api/ats/connections/${connection}/records/${kind}/${encodeURIComponent(remoteId)}`,
      { headers: { 'x-elly-user': this.user } },
    );
    return answer.status === 200 ? (JSON.parse(answer.text) as { fields: unknown }).fields : null;
  }

  /** Waits for the run to end; `watch` is told of every look at it. */
  async ended(connection: string, runId: string, watch: (run: Run) => void = () => undefined): Promise<Run> {
    for (;;) {
      const run = await this.get<Run>(`/api/ats/connections/${connection}/sync-runs/${runId}`);
      watch(run);
      if (run.status === 'completed') return run;
      if (run.status === 'failed' || run.status === 'aborted') {
        throw new Error(`The ${run.kind} sync ended as ${run.status}: ${run.fault?.message ?? 'no reason given'}`);
      }
      await sleep(POLL_MS);
    }
  }

  async #send<Answer>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const { status, text } = await this.browser.open(`${this.baseUrl}${path}`, {
      method,
      headers: { 'x-elly-user': this.user, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (status >= 400) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
