import { benchPageCommit } from './page-commit.ts';
import { benchInitialSync } from './initial-sync.ts';
import { meets, printRatios } from './report.ts';
import type { Ratio } from './report.ts';

/** `--only page-commit,memory,rate` runs a part; `--json` prints one document. */
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const wanted = (part: string): boolean => only === undefined || only.includes(part);

const ratios: Record<string, Ratio[]> = {};
if (wanted('page-commit'))
  ratios['Page commit: whole pipe, Elly’s pipeline applied, PostgreSQL server'] = await benchPageCommit();
if (wanted('memory') || wanted('rate')) Object.assign(ratios, await benchInitialSync(wanted));
if (process.argv.includes('--json')) console.log(JSON.stringify(ratios, null, 2));
else for (const [title, group] of Object.entries(ratios)) printRatios(title, group);
if (
  Object.values(ratios)
    .flat()
    .some((ratio) => !meets(ratio))
)
  process.exitCode = 1;
