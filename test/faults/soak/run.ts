// Hours of load in one run. usage: npm run soak [-- --minutes N]
import { parseArgs } from 'node:util';
import { soak, tableOf } from './soak.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) {
  console.error(`--minutes: wrong value ${JSON.stringify(values.minutes)}; allowed: a number from 1`);
  process.exitCode = 2;
} else {
  const report = await soak(minutes, (text) => console.error(text));
  console.log(tableOf(report));
  for (const problem of report.problems) console.error(`wrong: ${problem}`);
  process.exitCode = report.problems.length > 0 ? 1 : 0;
}
