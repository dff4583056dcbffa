import { createApp } from './create-app.js';

async function main(): Promise<void> {
  const elly = await createApp(process.env);
  let closing: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      closing ??= elly.close().catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      });
    });
  }
  await elly.listen();
  const { publicUrl, dataDirectory } = elly.config;
  console.log(`
  Elly is up.
    App        ${publicUrl}
    API docs   ${publicUrl}/api/docs
    Database   ${elly.embeddedDatabase ? `embedded, kept in ${dataDirectory}` : 'from DATABASE_URL'}
    Sign in    choose who you are on the first page, or send the header x-elly-user: ada@acme.example (admin) or rae@acme.example (recruiter)
`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
