import type { ServerResponse } from 'node:http';
import { LocalServer, json } from '../local-server.js';
import type { Heard } from '../local-server.js';

/** What the token endpoint does to the next refresh of a grant. `lost`: it renews, and the answer never arrives. */
export type RefreshFault = 'unavailable' | 'lost';

export interface ServedGrant {
  readonly id: string;
  readonly account: string;
  alive: boolean;
  /** The refresh token that works; an earlier one kills the grant. */
  refreshToken: string;
  accessToken: string;
  accessExpired: boolean;
  rotations: number;
  fault: RefreshFault | null;
}

/** What was heard, by the grant that it was about; null for what no grant here ever had. */
export interface Request {
  readonly at: 'exchange' | 'refresh' | 'revoke' | 'api';
  readonly grant: string | null;
  readonly token: string;
  readonly answered: 'ok' | 'refused' | RefreshFault;
}

/**
 * An authorisation server with a memory, and the API behind it: one grant for each approval, refresh tokens that work
 * once, a used one kills its grant. Of a revocation it only understands tokens that it would still take.
 */
export class GrantServer {
  readonly grants = new Map<string, ServedGrant>();
  readonly requests: Request[] = [];
  revocationsFail = false;
  /** How long every answer takes. What it says is decided when the request comes. */
  answersAfterMs = 0;
  readonly #owners = new Map<string, ServedGrant>();

  private constructor(private readonly server: LocalServer) {
    server.answer = (response, heard) => this.#answer(response, heard);
  }

  static async start(): Promise<GrantServer> {
    return new GrantServer(await LocalServer.start());
  }

  get url(): string {
    return this.server.url;
  }

  /** What a person approves: the code of a sign-in to this account, for a grant of this name. */
  static code(grant: string, account: string): string {
    return `${grant}.${account}`;
  }

  grantOf(token: string): ServedGrant | undefined {
    return this.#owners.get(token);
  }

  forget(): void {
    this.grants.clear();
    this.#owners.clear();
    this.requests.length = 0;
    this.revocationsFail = false;
    this.answersAfterMs = 0;
    this.server.heard.length = 0;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  #answer(response: ServerResponse, { url, headers, body }: Heard): void {
    const form = new URLSearchParams(body);
    if (url === '/token' && form.get('grant_type') === 'authorization_code') {
      return this.#exchange(response, form.get('code') ?? '');
    }
    if (url === '/token') return this.#refresh(response, form.get('refresh_token') ?? '');
    if (url === '/revoke') return this.#revoke(response, form.get('token') ?? '');
    return this.#api(response, (headers.authorization ?? '').replace('Bearer ', ''));
  }

  #exchange(response: ServerResponse, code: string): void {
    const [id = '', account = ''] = code.split('.');
    if (this.grants.has(id)) {
      this.#note('exchange', id, code, 'refused');
      return this.#reply(response, 400, { error: 'invalid_grant' });
    }
    const grant: ServedGrant = {
      id,
      account,
      alive: true,
      refreshToken: '',
      accessToken: '',
      accessExpired: false,
      rotations: 0,
      fault: null,
    };
    this.grants.set(id, grant);
    this.#note('exchange', id, code, 'ok');
    this.#reply(response, 200, this.#rotate(grant));
  }

  #refresh(response: ServerResponse, token: string): void {
    const grant = this.#owners.get(token);
    const fault = grant?.fault ?? null;
    if (grant !== undefined) grant.fault = null;
    if (fault === 'unavailable') {
      this.#note('refresh', grant?.id ?? null, token, fault);
      return this.#reply(response, 503, {});
    }
    if (grant === undefined || !grant.alive || grant.refreshToken !== token) {
      if (grant !== undefined) grant.alive = false;
      this.#note('refresh', grant?.id ?? null, token, 'refused');
      return this.#reply(response, 400, { error: 'invalid_grant' });
    }
    const tokens = this.#rotate(grant);
    this.#note('refresh', grant.id, token, fault ?? 'ok');
    if (fault === 'lost') return this.#reply(response, 0, null);
    this.#reply(response, 200, tokens);
  }

  #revoke(response: ServerResponse, token: string): void {
    const grant = this.#owners.get(token);
    this.#note('revoke', grant?.id ?? null, token, this.revocationsFail ? 'unavailable' : 'ok');
    if (this.revocationsFail) return json(response, 503, {});
    if (grant?.refreshToken === token) grant.alive = false;
    this.#reply(response, 200, {});
  }

  #api(response: ServerResponse, token: string): void {
    const grant = this.#owners.get(token);
    const welcome = grant !== undefined && grant.alive && grant.accessToken === token && !grant.accessExpired;
    this.#note('api', grant?.id ?? null, token, welcome ? 'ok' : 'refused');
    this.#reply(response, welcome ? 200 : 401, welcome ? { account: grant.account } : {});
  }

  #rotate(grant: ServedGrant): object {
    grant.rotations += 1;
    grant.refreshToken = `refresh-${grant.id}-${grant.rotations}`;
    grant.accessToken = `access-${grant.id}-${grant.rotations}`;
    grant.accessExpired = false;
    for (const token of [grant.refreshToken, grant.accessToken]) this.#owners.set(token, grant);
    return { access_token: grant.accessToken, refresh_token: grant.refreshToken, expires_in: 3600 };
  }

  /** Status 0: the line breaks. */
  #reply(response: ServerResponse, status: number, body: unknown): void {
    setTimeout(() => (status === 0 ? void response.destroy() : json(response, status, body)), this.answersAfterMs);
  }

  #note(at: Request['at'], grant: string | null, token: string, answered: Request['answered']): void {
    this.requests.push({ at, grant, token, answered });
  }
}
