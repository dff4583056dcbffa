import { AtsIntegrationModule, inProcessQueue } from '@elly/ats-integration';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import type { MikroOrmModuleSyncOptions } from '@mikro-orm/nestjs';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EllyClient } from '../../apps/demo/src/elly-client.js';
import { freePort } from '../../apps/elly/src/configuration/free-port.js';
import { startAtsDatabase } from '../../libs/ats-integration/src/testing-support/ats-database.js';
import type { AtsDatabase } from '../../libs/ats-integration/src/testing-support/ats-database.js';
import { Ledger } from '../../libs/ats-integration/src/testing-support/ledger.js';
import { TablePipeline } from '../../libs/ats-integration/src/testing-support/table-pipeline.js';
import { refereeProvider } from './referee-provider.js';
import { CLIENT, RefereeServer } from './referee-server.js';

/** A small Nest host of the library, reached over HTTP, and the referee that it signs in to. Workspaces are called by their user. */
export class RefereeHost {
  readonly ledger = new Ledger();

  private constructor(
    readonly referee: RefereeServer,
    readonly database: AtsDatabase,
    readonly publicUrl: string,
    private readonly apps: INestApplication[],
  ) {}

  static async start(): Promise<RefereeHost> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const referee = await RefereeServer.start(`${publicUrl}/api/ats/oauth/callback/referee`);
    const database = await startAtsDatabase();
    await TablePipeline.createTables(database);
    const host = new RefereeHost(referee, database, publicUrl, []);
    const app = await host.another();
    await app.listen(port, '127.0.0.1');
    return host;
  }

  /** One more host of the same deployment, as another process would be: it shares the database and nothing else. */
  async another(): Promise<INestApplication> {
    const testing = Test.createTestingModule({
      imports: [
        MikroOrmModule.forRoot({
          ...this.database.options,
          registerRequestContext: false,
        } as MikroOrmModuleSyncOptions),
        AtsIntegrationModule.forRoot({
          publicUrl: this.publicUrl,
          encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
          providerOptions: { referee: { ...CLIENT, url: this.referee.url } },
          allowInsecureHosts: true,
          sync: { retrySeconds: 0.2 },
          providers: [refereeProvider],
          queue: inProcessQueue(),
          ports: {
            tenantResolver: { useValue: { resolve: resolveTenant } },
            planLimits: { useValue: { of: () => Promise.resolve({ plan: 'enterprise', connections: 'unlimited' }) } },
            hiringPipeline: { useValue: new TablePipeline() },
            creditLedger: { useValue: this.ledger },
          },
          http: { path: 'ats' },
        }),
      ],
    });
    const app = (await testing.compile()).createNestApplication({ logger: false });
    app.setGlobalPrefix('api');
    await app.init();
    this.apps.push(app);
    return app;
  }

  /** A person of a workspace of their own, with a browser of their own. */
  person(name: string): EllyClient {
    return new EllyClient(this.publicUrl, name);
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    await this.database.stop();
    await this.referee.stop();
  }
}

function resolveTenant(request: { readonly headers: Readonly<Record<string, unknown>> }) {
  const user = String(request.headers['x-elly-user']);
  return Promise.resolve({ workspaceId: `workspace of ${user}`, userId: user });
}
