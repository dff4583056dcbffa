import { benchPageCommit } from './page-commit.ts';
import { meets, printRatios } from './report.ts';

const json = process.argv.includes('--json');
const ratios = { pageCommit: await benchPageCommit() };
if (json) console.log(JSON.stringify(ratios, null, 2));
else printRatios('Page commit (PostgreSQL server, Elly’s pipeline applied)', ratios.pageCommit);
if (
  Object.values(ratios)
    .flat()
    .some((ratio) => !meets(ratio))
)
  process.exitCode = 1;
