// The library as a process of its own: built code, told over the channel to its parent what to do. What asks an ATS is
// internal to the library, so this one file reaches into the built code.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { ATS_ENTITIES, AtsIntegrationModule } from '@elly/ats-integration';
import { referenceProvider } from '@elly/ats-integration/testing';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { EntityManager, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { NestFactory } from '@nestjs/core';
import { sealCredentials } from '../../libs/ats-integration/dist/connections/credentials.js';
import { ProviderSessions } from '../../libs/ats-integration/dist/connections/provider-sessions.js';
import { SealedBox } from '../../libs/ats-integration/dist/support/sealed-box.js';

const { databaseUrl, authUrl, clockOffMinutes } = JSON.parse(process.env.RACE);

if (clockOffMinutes !== 0) {
  const RealDate = Date;
  const off = clockOffMinutes * 60_000;
  globalThis.Date = class extends RealDate {
    constructor(...values) {
      if (values.length === 0) super(RealDate.now() + off);
      else super(...values);
    }
    static now() {
      return RealDate.now() + off;
    }
  };
}

const provider = { ...referenceProvider, authUrl: () => authUrl };
const app = await NestFactory.createApplicationContext(
  {
    module: class RaceModule {},
    imports: [
      await MikroOrmModule.forRoot({
        driver: PostgreSqlDriver,
        clientUrl: databaseUrl,
        entities: [...ATS_ENTITIES],
        pool: { min: 0, max: 5 },
        registerRequestContext: false,
      }),
      AtsIntegrationModule.forRoot({
        publicUrl: 'http://race.example',
        encryptionKeys: [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }],
        providerOptions: {
          [provider.manifest.id]: { clientId: 'race', clientSecret: 'secret', apiUrl: `${authUrl}/v1` },
        },
        allowInsecureHosts: true,
        sync: { schedule: false },
        providers: [provider],
        // The race is for the token, not for the rate budget.
        rateLimits: { [provider.manifest.id]: { algorithm: 'token-bucket', capacity: 1000, refillPerSecond: 1000 } },
      }),
    ],
  },
  { logger: false, abortOnError: false },
);

const tasks = {
  /** An active connection with these tokens. */
  async connect({ accessToken, refreshToken }) {
    const id = randomUUID();
    const sealed = sealCredentials(
      app.get(SealedBox, { strict: false }),
      { id, workspaceId: 'race' },
      { kind: 'oauth2', accessToken, refreshToken, expiresAt: 0 },
    );
    await app
      .get(EntityManager, { strict: false })
      .fork()
      .execute(
        `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, credentials_version, created_by, created_at)
         values (?, 'race', ?, 'active', ?, 1, 'race', now())`,
        [id, provider.manifest.id, sealed],
      );
    return id;
  },
  /** So many requests at once, each with a session of its own. What failed, by its sentence. */
  async ask({ id, requests }) {
    const sessions = Array.from({ length: requests }, () =>
      app
        .get(ProviderSessions, { strict: false })
        .open(
          { id, provider: provider.manifest.id, epoch: 1, remoteAccountId: null, scopes: [] },
          new AbortController().signal,
        ),
    );
    const settled = await Promise.allSettled(sessions.map(({ context }) => context.http.request({ path: '/jobs' })));
    return settled.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
  },
};

process.on('message', ({ number, task, input }) => {
  tasks[task](input).then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send({ number: 0, result: 'ready' });
