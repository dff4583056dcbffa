import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The envelopes of both vendors in one: a spec looks at the fields of the one that it is about. */
export interface ReceivedJson {
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly event: string;
  readonly triggeredAt: number;
  readonly token: string;
  readonly signature?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A request that a receiver got. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: ReceivedJson;
}

/** Somebody's endpoint for webhooks, which answers with whatever status it is told to. */
export class HookReceiver {
  status = 200;
  /** It takes requests and does not answer them. */
  silent = false;
  readonly received: Received[] = [];
  readonly url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.#stop = stop;
  }

  static async start(): Promise<HookReceiver> {
    const holder: { receiver?: HookReceiver } = {};
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        holder.receiver?.received.push({ headers: request.headers, body, json: JSON.parse(body) as ReceivedJson });
        if (holder.receiver?.silent === true) return;
        response.writeHead(holder.receiver?.status ?? 500, { location: 'http://127.0.0.1:1/' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    holder.receiver = new HookReceiver(url, stop);
    return holder.receiver;
  }

  /** What was received since the last time it was asked. */
  take(): readonly Received[] {
    return this.received.splice(0);
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
