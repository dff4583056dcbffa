import { Command, InvalidArgumentError } from 'commander';
import { describeRotation, rotateKeys } from './commands/rotate-keys.js';
import { AppConfig } from './configuration/app-config.js';

const program = new Command('npm run ats --')
  .description(
    "Looks after Elly's ATS connections from a terminal.\nReads the same environment as the app itself; may run beside it.",
  )
  .showHelpAfterError('(--help lists the commands)');

program
  .command('rotate-keys')
  .summary('seal all stored credentials with the first key of ENCRYPTION_KEYS')
  .description(
    [
      'Seals all stored credentials with the first key of ENCRYPTION_KEYS.',
      '',
      'To rotate: put a new key first and keep the old ones behind it, restart every',
      'process, run this, and remove the keys that it says are no longer in use.',
      'It may be stopped and repeated at any time. With the embedded database stop the',
      'app before: only one process at a time can open that.',
      'Ends with code 1 when something could not be opened.',
    ].join('\n'),
  )
  .option('--batch-size <rows>', 'rows locked at once', positive, 100)
  .action(async ({ batchSize }: { batchSize: number }) => {
    const config = await AppConfig.from(process.env);
    const report = await rotateKeys(config, { batchSize });
    console.log(describeRotation(report, config.encryptionKeys[0]?.id ?? ''));
    if (report.tables.some(({ unopened }) => unopened.length > 0)) process.exitCode = 1;
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}
