import { styleText } from 'node:util';
import type { StartedPart } from './start.ts';

/** Everything that somebody at a terminal needs to use the stack: variables by name. */
function variables(running: readonly StartedPart[]): Record<string, string> {
  return Object.assign({}, ...running.map(([, { botEnv, shellEnv }]) => ({ ...botEnv, ...shellEnv })));
}

/** A file for a shell to read: the variables of this run. */
export function shellFile(running: readonly StartedPart[]): string {
  const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
  return Object.entries(variables(running))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

const BANS =
  'q=audit.action:BAN&_source=false&docvalue_fields=audit.actor.id,audit.target.id,audit.outcome&filter_path=hits.hits.fields&pretty';

/** Commands to begin with, each with what it does. */
function tries(running: readonly StartedPart[], file: string): (readonly [command: string, what: string])[] {
  const commands: (readonly [string, string])[] = [
    [`. ${file}`, 'the variables of this run, for bots and for what follows'],
  ];
  const archive = running.find(([{ name }]) => name === 'collector')?.[1].facts.find(([label]) => label === 'archive');
  if (!archive) return commands;
  commands.push(['npm start', 'a sample bot, in a group chat that is played for it, ships its records here']);
  if (running.some(([{ name }]) => name === 'indexer')) {
    commands.push([
      `curl -sS --netrc-file "$ES_LOGIN" "$ES/logs-audit.otel-default/_search?${BANS}"`,
      'who banned whom',
    ]);
  } else {
    commands.push([`tail -n 1 ${archive[1]}`, 'what arrived last']);
  }
  return commands;
}

/** The stack that is up, for people. */
export function forPeople(running: readonly StartedPart[], file: string): string {
  const title = (text: string) => styleText('bold', text);
  const lines = ['', title('The stack is up. Ctrl-C stops it, and removes what it holds.')];
  const exported = shellFile(running).trimEnd();
  if (exported !== '') {
    lines.push('', title('To try it, in another terminal'));
    for (const [command, what] of tries(running, file))
      lines.push(`  ${styleText('dim', `# ${what}`)}`, `  ${command}`);
    lines.push('', title(`What ${file} has`), ...exported.split('\n').map((line) => `  ${line}`));
  }
  for (const [part, { facts }] of running) {
    lines.push('', title(part.title));
    const width = Math.max(...facts.map(([label]) => label.length));
    for (const [label, value] of facts) lines.push(`  ${label.padEnd(width)}  ${value}`);
  }
  return lines.join('\n');
}

/** The same for programs: one line of JSON. */
export function forPrograms(running: readonly StartedPart[], file: string): string {
  const key = (label: string) => label.replaceAll(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  const parts = running.map(([{ name }, { facts }]) => [
    name,
    Object.fromEntries(facts.map(([label, value]) => [key(label), value])),
  ]);
  return JSON.stringify({ env: variables(running), envFile: file, parts: Object.fromEntries(parts) });
}
