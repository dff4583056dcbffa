import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Grant {
  /** Of whom: the code that it was exchanged for. */
  readonly account: string;
  /** Refresh tokens in the order in which they were given out; only the last one is good. */
  readonly refreshTokens: string[];
  accessToken: string;
  dead: boolean;
}

/**
 * An authorization server with rotation and reuse detection, and an API with one job behind it: it remembers every
 * grant, so that a test can say which tokens are good when a process died.
 */
export class SignInServer {
  readonly grants: Grant[] = [];
  /** Requests of the API, with the access token they carried. */
  readonly calls: string[] = [];
  refreshes = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<SignInServer> {
    let started: SignInServer | null = null;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        started?.answer(response, request.url ?? '', form, request.headers.authorization ?? '');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started = new SignInServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return started;
  }

  /** The grant that this refresh token belongs or belonged to. */
  grantOf(refreshToken: string): Grant | undefined {
    return this.grants.find(({ refreshTokens }) => refreshTokens.includes(refreshToken));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(response: ServerResponse, url: string, form: URLSearchParams, authorization: string): void {
    if (url === '/token') return this.token(response, form);
    if (url === '/revoke') {
      const grant = this.grantOf(form.get('token') ?? '');
      if (grant !== undefined) grant.dead = true;
      return reply(response, 200, {});
    }
    const token = authorization.replace('Bearer ', '');
    this.calls.push(token);
    const grant = this.grants.find(({ accessToken, dead }) => accessToken === token && !dead);
    const account = token.startsWith('key-of-') ? token : grant?.account;
    if (account === undefined) return reply(response, 401, {});
    reply(response, 200, { account, jobs: [{ id: 'job-1', title: 'Cook' }] });
  }

  private token(response: ServerResponse, form: URLSearchParams): void {
    if (form.get('grant_type') === 'authorization_code') {
      const grant: Grant = { account: form.get('code') ?? '', refreshTokens: [], accessToken: '', dead: false };
      this.grants.push(grant);
      return this.give(response, grant);
    }
    this.refreshes += 1;
    const token = form.get('refresh_token') ?? '';
    const grant = this.grantOf(token);
    const good = grant !== undefined && !grant.dead && grant.refreshTokens.at(-1) === token;
    if (grant !== undefined && !good) grant.dead = true;
    if (!good) return reply(response, 400, { error: 'invalid_grant' });
    this.give(response, grant);
  }

  private give(response: ServerResponse, grant: Grant): void {
    const refreshToken = randomBytes(16).toString('hex');
    grant.refreshTokens.push(refreshToken);
    grant.accessToken = randomBytes(16).toString('hex');
    reply(response, 200, { access_token: grant.accessToken, refresh_token: refreshToken, expires_in: 3600 });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
