import { readFileSync } from 'node:fs';
import { CHAPTERS } from './chapters.ts';
import { type Chapter, commandOf, type Guarantee, type Result } from './guarantee.ts';

/** Results of runs by the id of the guarantee, kept beside this file. */
export type Results = Readonly<Record<string, Result>>;

export const RESULTS = new URL('results.json', import.meta.url);

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
}

/** A result that is of the command which proves the guarantee today, and in which everything passed. */
export function holds(guarantee: Guarantee, result: Result | undefined): result is Result {
  return (
    result !== undefined &&
    result.command === commandOf(guarantee.proof) &&
    result.failed === 0 &&
    result.passed > 0 &&
    result.skipped === 0
  );
}

/** `docs/guarantees.md`: what is promised, and what running its proof came to. */
export function guaranteesPage(): string {
  const results = readResults();
  return `<!-- Written by \`npm run reference\` from test/guarantees; \`npm run guarantees\` makes the results. -->

# What survives what

Each line is a promise, the fault that puts it to the test, and the command by which the fault is injected for real. What
stands below a line is what that command came to when it was run last, in its long form: many of them run in a shorter one
for every change of the code. \`npm run guarantees\` runs them all, \`npm run guarantees -- --only kill,soak\` some.

Promises depend on the durability that is configured (\`journal.durability\`):

| durability | when \`write\` has returned, the record |
| --- | --- |
| \`memory\` | is written within a tick: **a kill takes that tick** |
| \`process\` (default) | is in the file: it survives the end of the process by any signal, **not a loss of power** |
| \`power\` | as \`process\`, and is synced within 50 ms (\`journal.sync_interval_ms\`); what fails closed is synced before \`write\` returns. **A loss of power takes the last interval of what does not fail closed** |

Nothing here is a promise about a disk that lies when it is asked to sync, nor about a journal in a folder that goes with
its container: the line that BotAudit says at its start names such a folder *ephemeral*, and there a record is safe once it
is acknowledged.

${summary(results)}

${CHAPTERS.map((chapter) => chapterOf(chapter, results)).join('\n\n')}
`;
}

/** All of them at one look. */
function summary(results: Results): string {
  const rows = CHAPTERS.flatMap(({ guarantees }) => guarantees).map((guarantee) => {
    const result = results[guarantee.id];
    const run = result ? `${result.passed} of ${result.passed + result.failed + result.skipped}` : '–';
    return `| ${guarantee.fault} | ${result ? (holds(guarantee, result) ? '✓' : '✗') : '–'} | ${run} |`;
  });
  return ['| what happens | holds | tests passed |', '| --- | --- | ---: |', ...rows].join('\n');
}

function chapterOf({ title, text, guarantees }: Chapter, results: Results): string {
  const parts = guarantees.map((guarantee) => guaranteeOf(guarantee, results[guarantee.id]));
  return [`## ${title}`, text, ...parts].join('\n\n');
}

function guaranteeOf(guarantee: Guarantee, result: Result | undefined): string {
  return [
    `### ${guarantee.fault}`,
    guarantee.promise,
    `\`\`\`sh\n${commandOf(guarantee.proof)}\n\`\`\``,
    outcomeOf(guarantee, result),
  ].join('\n\n');
}

function outcomeOf(guarantee: Guarantee, result: Result | undefined): string {
  if (!result || result.command !== commandOf(guarantee.proof)) return '– not run in this form yet';
  const { passed, failed, skipped, seconds, date, commit, machine, figures } = result;
  const counts = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} could not be run`] : [])];
  const mark = holds(guarantee, result) ? '✓' : '✗';
  const run = `${mark} ${counts.join(', ')}, in ${duration(seconds)}; ${date}, commit ${commit}, ${machine}`;
  if (figures.length === 0) return run;
  return `${run}\n\n\`\`\`text\n${figures.join('\n')}\n\`\`\``;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
