import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';

/** The connections to every ATS: kept alive, bounded in number and time. One agent, so that shutting down closes all of them. */
@Injectable()
export class HttpAgent implements OnApplicationShutdown {
  readonly dispatcher = new Agent({
    keepAliveTimeout: 60_000,
    connections: 16,
    pipelining: 1,
    connectTimeout: 10_000,
    headersTimeout: 60_000,
    bodyTimeout: 30_000,
    maxHeaderSize: 32 * 1024,
  });

  async onApplicationShutdown(): Promise<void> {
    await this.dispatcher.destroy();
  }
}
