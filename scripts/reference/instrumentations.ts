import { instrumentationLines, MOST_TEMPLATE_LINES, TEMPLATE, templateLines } from '../code-lines/count.ts';
import { code, heading, table } from './markdown.ts';

/** How much code each instrumentation needs. */
export function instrumentationsPage(): string {
  return [
    heading('What an instrumentation takes', 'packages/instrumentation-*'),
    'Lines of code of each instrumentation in the order in which they were built, without comments and blank lines. Tables ' +
      'and all else that says what a platform’s events, calls and answers mean stand in its `platform-*` package, which ' +
      'serves every framework of the platform, and are not counted. `npm run check:lines` fails when one needs no fewer than ' +
      'the one before it.\n',
    table(
      ['package', 'lines of code'],
      instrumentationLines().map(({ name, lines }) => [code(`instrumentation-${name}`), `${lines}`]),
    ),
    `\n[The template](../instrumentation-template/${TEMPLATE.split('/').at(-1)}) of the ` +
      `[guide](../write-an-instrumentation.md), a whole one with its mapping, has ${templateLines()} lines, comments and ` +
      `blank ones included; more than ${MOST_TEMPLATE_LINES} fail.`,
  ].join('\n');
}
