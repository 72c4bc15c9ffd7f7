// Adds up vitest's JSON reports of a folder, says again what failed, and prints the closing line of a run.
// usage: sum-reports.mjs FOLDER FAILED_STEPS
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Of a failure's message; the whole is where the test ran. */
const MOST_CHARACTERS = 1500;

const [folder, failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
/** Here at the end, because a log that is shortened loses its middle. */
const failures = [];
for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests;
  for (const { name: file, message, status, assertionResults } of report.testResults) {
    const ofTests = assertionResults.filter((test) => test.status === 'failed');
    for (const test of ofTests) failures.push([file, test.fullName, test.failureMessages.join('\n')]);
    if (status === 'failed' && ofTests.length === 0) failures.push([file, 'does not load', message]);
  }
}
for (const [file, test, message] of failures)
  console.log(
    `FAILED: ${relative('.', file)} › ${test}\n${stripVTControlCharacters(message).slice(0, MOST_CHARACTERS)}\n`,
  );
const planted = join(folder, 'planted.ndjson');
if (existsSync(planted)) {
  const files = readFileSync(planted, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const sum = (name) => files.reduce((total, one) => total + one[name], 0);
  console.log(
    `${sum('planted')} planted secrets of ${files.length} test files were looked for in ${sum('files')} files, requests, ` +
      `outputs and answers: ${sum('bytes')} bytes`,
  );
}
// A step can fail without a failed test: a check, a file that does not load, a report that was never written.
failed = Math.max(failed, Number(failedSteps));
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
