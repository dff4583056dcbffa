import { Command, InvalidArgumentError, Option } from 'commander';
import { createSandbox } from './create-sandbox.js';

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly candidates: number;
  readonly empty: boolean;
  readonly data?: string;
}

const command = new Command('ats-sandbox')
  .description('Serves simulators of the Greenhouse and Lever APIs for development and tests.')
  .addOption(new Option('--port <number>', 'where to listen').env('SANDBOX_PORT').default(4010).argParser(wholeNumber))
  .option('--host <name>', 'the address to listen on', 'localhost')
  .option('--seed <number>', 'what the data are derived from', wholeNumber, 1)
  .option('--candidates <number>', 'people in each account', wholeNumber, 200)
  .option('--empty', 'start without accounts', false)
  .addOption(new Option('--data <folder>', 'where to keep accounts and grants over restarts').env('SANDBOX_DATA'))
  .parse();
const flags = command.opts<Flags>();

const sandbox = createSandbox({
  seed: flags.seed,
  dataFolder: flags.data,
  accounts: flags.empty
    ? []
    : [
        { provider: 'greenhouse', name: 'Acme Greenhouse', candidates: flags.candidates },
        { provider: 'lever', name: 'Acme Lever', candidates: flags.candidates },
      ],
});

// "localhost" may mean ::1 first, and then a client that asks for 127.0.0.1 finds nobody.
const listenOn = flags.host === 'localhost' ? '127.0.0.1' : flags.host;
const { port } = await sandbox
  .listen(flags.port, listenOn)
  .catch((error: unknown) => command.error(`It cannot listen: ${error instanceof Error ? error.message : 'unknown'}.`));
const url = `http://${flags.host.includes(':') ? `[${flags.host}]` : flags.host}:${port}`;

process.stdout.write(
  [
    `ATS sandbox at ${url}`,
    ...sandbox.accounts.list().map(({ id, options }) => `  account     ${options.name} (${id})`),
    `  Greenhouse  API ${url}/greenhouse/v3   OAuth ${url}/greenhouse-auth/authorize, ${url}/greenhouse-auth/token`,
    `  Lever       API ${url}/lever/v1        OAuth ${url}/lever-auth/authorize, ${url}/lever-auth/oauth/token`,
    ...sandbox.clients
      .list()
      .map(({ provider, clientId, clientSecret }) => `  app         ${provider}: ${clientId} / ${clientSecret}`),
    `  admin       ${url}/_sandbox`,
    '',
  ].join('\n'),
);

const stop = (): void => {
  sandbox.close().catch((error: unknown) => {
    console.error('The sandbox did not close:', error);
    process.exitCode = 1;
  });
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
