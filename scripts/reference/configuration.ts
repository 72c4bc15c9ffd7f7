import { BOOTSTRAP_VARIABLES, CONFIG_OPTIONS, type ConfigOption } from '@botaudit/sdk';
import { stringify } from 'yaml';
import { code, heading, table } from './markdown.ts';

const SOURCE = 'packages/sdk/src/config/schema.ts';

function defaultOf({ default: value, otherwise }: Pick<ConfigOption, 'default' | 'otherwise'>): string {
  if (otherwise !== undefined) return otherwise;
  return typeof value === 'object' ? 'none' : code(String(value));
}

/** A list of maps is followed by what may stand in each. */
function withMembers(options: readonly ConfigOption[]): ConfigOption[] {
  return options.flatMap((option) => [option, ...withMembers(option.members ?? [])]);
}

/** A file that says what holds when nothing is said. */
function example(): string {
  const file: Record<string, unknown> = {};
  for (const { key, default: value } of CONFIG_OPTIONS) {
    if (value === undefined || typeof value === 'object') continue;
    const path = key.split('.');
    const name = path.pop() as string;
    let section = file;
    for (const part of path) {
      section[part] ??= {};
      section = section[part] as Record<string, unknown>;
    }
    section[name] = value;
  }
  return stringify(file);
}

export function configurationPage(): string {
  return [
    heading('Configuration', SOURCE),
    'Options stand in `botaudit.yaml` in the working folder, or in the file that `BOTAUDIT_CONFIG` names, and in the ' +
      'environment; a variable wins over the file. An editor that knows YAML schemas completes and checks the file with ' +
      '[`botaudit.schema.json`](botaudit.schema.json).\n',
    'An unknown key or a wrong value in the file stops the start (exit code 78) with file, line, key and what is allowed; so ' +
      'does a variable with a wrong value. A `BOTAUDIT_*` variable that is not known only warns. `BOTAUDIT_ON_ERROR=continue` ' +
      'starts the bot with what is safe instead, says so, and puts it on record.\n',
    table(
      ['key', 'variable', 'type', 'default', 'meaning'],
      withMembers(CONFIG_OPTIONS).map((option) => [
        code(option.key),
        code(option.env ?? ''),
        option.type,
        defaultOf(option),
        option.description,
      ]),
    ),
    '\n## In the environment alone\n',
    table(
      ['variable', 'type', 'default', 'meaning'],
      BOOTSTRAP_VARIABLES.map((variable) => [
        code(variable.env),
        variable.type,
        defaultOf({ default: variable.default, otherwise: variable.otherwise }),
        variable.description,
      ]),
    ),
    '\n## The defaults as a file\n',
    '```yaml',
    example().trimEnd(),
    '```',
  ].join('\n');
}

interface ObjectSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Record<string, unknown>;
}

const object = (): ObjectSchema => ({ type: 'object', additionalProperties: false, properties: {} });

export function configurationSchema(): string {
  const root = object();
  for (const { key, default: value, description, jsonSchema } of CONFIG_OPTIONS) {
    const path = key.split('.');
    const name = path.pop() as string;
    let section = root;
    for (const part of path) {
      section.properties[part] ??= object();
      section = section.properties[part] as ObjectSchema;
    }
    section.properties[name] = { description, ...jsonSchema, ...(value === undefined ? {} : { default: value }) };
  }
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'botaudit.yaml', ...root };
  return JSON.stringify(schema, undefined, 2);
}
