import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { cacheDirectory } from './cache.ts';
import { StackError } from './part.ts';
import { PARTS } from './parts/index.ts';

/** What stands behind `npm run … --`. */
export interface Arguments {
  /** Names of parts, as they were given. */
  readonly names: readonly string[];
  readonly help: boolean;
  readonly json: boolean;
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const;
const JSON_OUTPUT = { json: { type: 'boolean' } } as const;

/**
 * Reads the command line of `npm run stack` or `npm run stack:install`.
 *
 * @throws {StackError} when there is an option that it does not have.
 */
export function readArguments(script: 'stack' | 'stack:install', args: readonly string[]): Arguments {
  const options: ParseArgsOptionsConfig = script === 'stack' ? { ...HELP, ...JSON_OUTPUT } : HELP;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { names: positionals, help: values.help === true, json: values.json === true };
  } catch (error) {
    const [reason] = (error as Error).message.split('. ');
    throw new StackError(`${reason}. What there is: npm run ${script} -- --help`);
  }
}

/** Rows of two columns. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join('\n');
}

function variables(env: NodeJS.ProcessEnv): readonly (readonly [string, string])[] {
  const instead = PARTS.flatMap(({ instead }) => (instead ? [instead] : []));
  return [
    ...instead.map(([name, what]) => [name, `${what} that you have, to be used instead`] as const),
    ['BOTAUDIT_JAVA_HOME', 'the Java for Elasticsearch and Kafka; default: the newest that is found'],
    ['BOTAUDIT_CACHE_DIR', `where stack:install puts what it makes; ${cacheDirectory(env)} as it is now`],
  ];
}

export function stackUsage(env: NodeJS.ProcessEnv): string {
  return `Usage: npm run stack [-- [options] [part…]]

Starts the pipeline on this machine: on loopback, on ports that are free, with passwords of this run. Ctrl-C ends it, and
nothing of it is left. What it runs comes from npm run stack:install.

Parts; without any all of them, in this order
${table(PARTS.map(({ name, title, memory }) => [name, `${title}; takes ${memory} of memory`]))}

Options
  --json      print one line of JSON once everything is up; with npm run --silent there is nothing else on stdout
  -h, --help  print this

Environment
${table([...variables(env), ['BOTAUDIT_STACK_FASTER', 'how many times as fast time passes in alert rules; default: 1']])}
`;
}

export function installUsage(env: NodeJS.ProcessEnv): string {
  return `Usage: npm run stack:install [-- part…]

Fetches or builds what npm run stack and npm run test:stack run, once, into a folder outside of the repository. What is
there is not done again; what was interrupted goes on. A program on the PATH, or one that is named, is used instead.

Parts, and what they take on an empty machine; without any all of them
${table(PARTS.map(({ name, title, cost }) => [name, `${title}: ${cost}`]))}

Environment
${table(variables(env))}
`;
}
