import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * An authorization server that rotates refresh tokens and detects reuse (RFC 9700 §4.14.2): the second use of one ends
 * the whole grant. Its API takes the newest access token alone.
 */
export class RotatingServer {
  generation = 1;
  dead = false;
  /** Token requests since the last reset. */
  refreshes = 0;
  /** Requests to the API that were refused since the last reset. */
  refused = 0;
  delayMs = 0;
  /** Called when a token request was answered in the books, before the answer goes out. */
  rotated: () => Promise<void> | void = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<RotatingServer> {
    let rotating: RotatingServer | null = null;
    const server = createServer((request, response) => void rotating?.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    rotating = new RotatingServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return rotating;
  }

  tokens(): { readonly accessToken: string; readonly refreshToken: string } {
    return { accessToken: `access-${this.generation}`, refreshToken: `refresh-${this.generation}` };
  }

  reset(): void {
    this.dead = false;
    this.refreshes = 0;
    this.refused = 0;
    this.delayMs = 0;
    this.rotated = () => undefined;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [status, body] =
      request.method === 'POST' ? await this.#token(Buffer.concat(chunks).toString()) : this.#api(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  async #token(form: string): Promise<[number, unknown]> {
    this.refreshes += 1;
    const given = new URLSearchParams(form).get('refresh_token');
    if (given !== this.tokens().refreshToken) this.dead = true;
    if (this.dead) return [400, { error: 'invalid_grant' }];
    this.generation += 1;
    const { accessToken, refreshToken } = this.tokens();
    await this.rotated();
    await sleep(this.delayMs);
    return [200, { access_token: accessToken, refresh_token: refreshToken, expires_in: 3600 }];
  }

  #api(request: IncomingMessage): [number, unknown] {
    if (!this.dead && request.headers.authorization === `Bearer ${this.tokens().accessToken}`) return [200, {}];
    this.refused += 1;
    return [401, {}];
  }
}
