// Prints how much code each instrumentation needs, and fails when a later one needs no less than the one before it.
import { instrumentationLines, problemsWith, TEMPLATE, templateLines } from './count.ts';

const counted = instrumentationLines();
const template = templateLines();
for (const { name, lines } of counted) console.log(`${`instrumentation-${name}`.padEnd(28)}${lines}`);
console.log(`${TEMPLATE.split('/').at(-1)?.padEnd(28)}${template} with comments and blank lines`);
for (const problem of problemsWith(counted, template)) {
  console.error(problem);
  process.exitCode = 1;
}
