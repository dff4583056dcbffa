import { request } from 'undici';

export interface VisibleCounts {
  readonly jobs: number;
  readonly openJobs: number;
  readonly stages: number;
  readonly candidates: number;
  readonly applications: number;
  readonly resumes: number;
  readonly inScope: { readonly candidates: number; readonly applications: number; readonly resumes: number };
  readonly withoutJob: number;
}

export interface SandboxAccount {
  readonly id: string;
  readonly name: string;
  readonly visible: VisibleCounts;
  readonly requests: { readonly total: number; readonly status429: number };
  readonly tokenRequests: Readonly<Record<string, { readonly made: number; readonly granted: number }>>;
}

export interface Changes {
  readonly made: Readonly<Record<string, number>>;
  readonly operations: readonly {
    readonly op: string;
    readonly kind: string;
    readonly id: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }[];
}

/** A write that the ATS was asked for, and how often it took effect. */
export interface Effect {
  readonly route: string;
  readonly record: string | null;
  readonly value: unknown;
  readonly times: number;
}

/** The sandbox's admin routes. */
export class SandboxClient {
  constructor(readonly url: string) {}

  account(id: string): Promise<SandboxAccount> {
    return this.#send('GET', `/accounts/${id}`);
  }

  createAccount(provider: string, name: string, seed: number, candidates: number): Promise<SandboxAccount> {
    return this.#send('POST', '/accounts', { provider, name, seed, candidates });
  }

  change(id: string, changes: Readonly<Record<string, number>>): Promise<Changes> {
    return this.#send('POST', `/accounts/${id}/changes`, changes);
  }

  /** What apps wrote, most often first. */
  writes(id: string): Promise<{ readonly effects: readonly Effect[] }> {
    return this.#send('GET', `/accounts/${id}/writes`);
  }

  /** Makes webhooks that an app registered deliver. */
  async turnEventsOn(id: string): Promise<void> {
    await this.#send('PUT', `/accounts/${id}/webhook-events`, { events: 'all', on: true });
  }

  /** Adds a webhook in the account's settings. */
  async addWebhook(id: string, webhook: { event: string; url: string; secret: string }): Promise<void> {
    await this.#send('POST', `/accounts/${id}/webhooks`, webhook);
  }

  /** Lets time pass at the ATSs: tokens and links expire by it. */
  async advance(seconds: number): Promise<void> {
    await this.#send('POST', '/clock', { advanceSeconds: seconds });
  }

  async registerClient(
    provider: string,
    clientId: string,
    clientSecret: string,
    redirectUris: readonly string[],
  ): Promise<void> {
    await this.#send('POST', '/clients', { provider, clientId, clientSecret, redirectUris });
  }

  async #send<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer> {
    const answer = await request(`${this.url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400)
      throw new Error(`The sandbox answered ${method} ${path} with ${answer.statusCode}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
}
