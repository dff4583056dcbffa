import { join } from 'node:path';
import { createApp } from '@elly/app';
import { createSandbox } from '@elly/ats-sandbox';

/** `npm start`: the sandbox and Elly in one process, told about each other. */
const env = process.env;
const sandboxPort = Number(env.SANDBOX_PORT ?? 4010);
const port = Number(env.PORT ?? 3000);

// Beside Elly's own data: a connection and the grant that it lives on come and go together.
const dataFolder = env.SANDBOX_DATA ?? join(env.DATA_DIR ?? '.data', 'sandbox');
const sandbox = createSandbox({ dataFolder });
const { url } = await sandbox.listen(sandboxPort);
for (const provider of ['greenhouse', 'lever'] as const) {
  const client = {
    greenhouse: ['elly-greenhouse-1001', 'sandbox-greenhouse-secret'],
    lever: ['elly-lever', 'sandbox-lever-secret'],
  } as const;
  const [clientId, clientSecret] = client[provider];
  sandbox.clients.register({
    provider,
    clientId,
    clientSecret,
    redirectUris: [`${env.PUBLIC_URL ?? `http://localhost:${port}`}/api/ats/oauth/callback/${provider}`],
  });
  if (sandbox.accounts.of(provider).size > 0) continue;
  sandbox.accounts.create({
    provider,
    name: `Acme ${provider === 'lever' ? 'Lever' : 'Greenhouse'}`,
    seed: 1,
    candidates: 200,
  });
}

const elly = await createApp({
  GREENHOUSE_API_URL: `${url}/greenhouse`,
  GREENHOUSE_AUTH_URL: `${url}/greenhouse-auth`,
  GREENHOUSE_CLIENT_ID: 'elly-greenhouse-1001',
  GREENHOUSE_CLIENT_SECRET: 'sandbox-greenhouse-secret',
  LEVER_API_URL: `${url}/lever`,
  LEVER_AUTH_URL: `${url}/lever-auth`,
  LEVER_CLIENT_ID: 'elly-lever',
  LEVER_CLIENT_SECRET: 'sandbox-lever-secret',
  ...env,
});
await elly.listen();
process.stdout.write(`
Elly      ${elly.config.publicUrl}   (choose who you are; ${elly.config.publicUrl}/api/docs is its API)
Sandbox   ${url}/_sandbox                 (Greenhouse and Lever, simulated)
Data      ${elly.config.dataDirectory}
Stop with Ctrl+C.
`);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void elly
      .close()
      .then(() => sandbox.close())
      .then(() => process.exit(0));
  });
}
