import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A part of the project, and how many lines of code it has. */
export interface CodeLines {
  readonly name: string;
  readonly lines: number;
}

/** In the order in which they were built. */
const INSTRUMENTATIONS = ['grammy', 'telegraf', 'discord.js', 'slack-bolt', 'mcp'];

/** The instrumentation of the guide, and how many lines it may have at the most, comments and blank ones included. */
export const TEMPLATE = 'docs/instrumentation-template/audit-echo.js';
export const MOST_TEMPLATE_LINES = 100;

/** How many lines of a source are neither blank nor only a comment. */
export function countCode(source: string): number {
  let isComment = false;
  return source.split('\n').filter((line) => {
    const text = line.trim();
    if (isComment || text.startsWith('/*')) {
      isComment = !text.includes('*/');
      return false;
    }
    return text !== '' && !text.startsWith('//');
  }).length;
}

/**
 * The lines of each instrumentation, in the order in which they were built. What the platform's events and calls mean
 * stands in its platform package, and is not counted.
 */
export function instrumentationLines(): CodeLines[] {
  return INSTRUMENTATIONS.map((name) => {
    const folder = join(root, 'packages', `instrumentation-${name}`, 'src');
    const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    return { name, lines: sources.reduce((total, source) => total + countCode(source), 0) };
  });
}

/** How many lines the guide's template has, all of them. */
export function templateLines(): number {
  return readFileSync(join(root, TEMPLATE), 'utf8').trimEnd().split('\n').length;
}

/** What is wrong with these figures: an instrumentation that needs as much of its own as the one before, or a long template. */
export function problemsWith(counted: readonly CodeLines[], template: number): string[] {
  const rising = counted.flatMap(({ name, lines }, index) => {
    const before = counted[index - 1];
    if (!before || lines < before.lines) return [];
    return [
      `instrumentation-${name} has ${lines} lines of code, no fewer than instrumentation-${before.name} (${before.lines}): ` +
        'what both do belongs into packages/instrumentation, what the platform means into its platform-* package',
    ];
  });
  return template > MOST_TEMPLATE_LINES ? [...rising, `${TEMPLATE} has ${template} lines`] : rising;
}
