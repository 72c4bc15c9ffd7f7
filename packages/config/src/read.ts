import * as v from 'valibot';
import { type Environment, fromEnvironment } from './environment.js';
import { type ConfigOption, type ConfigSchema, listOptions, namesAt } from './option.js';
import type { ConfigPlace, ConfigProblem } from './problem.js';
import { suggest } from './suggest.js';
import { absolutePath } from './types.js';
import type { YamlFile } from './yaml-file.js';

/** Where a configuration is read from. What the environment says goes before what the file says. */
export interface Sources {
  readonly env: Environment;
  /** Paths in the environment are meant from here. */
  readonly cwd: string;
  readonly file?: YamlFile | undefined;
  /** Paths in the file are meant from here. */
  readonly fileFolder?: string | undefined;
}

/** A configuration that was read. */
export interface ReadConfig<S extends ConfigSchema> {
  readonly values: v.InferOutput<S>;
  readonly problems: readonly ConfigProblem[];
  /** Where an option's value came from, for a problem that shows later; of one that is not set, its key alone. */
  readonly place: (key: string) => ConfigPlace;
}

/** A tree of sections with raw values. */
interface Raw {
  [name: string]: unknown;
}

/**
 * Reads a configuration by its schema. What is wrong is named in `problems` and left at its default.
 */
export function readConfig<const S extends ConfigSchema>(
  schema: S,
  { env, cwd, file, fileFolder }: Sources,
): ReadConfig<S> {
  const options = listOptions(schema);
  const problems: ConfigProblem[] = [...(file?.problems ?? [])];
  const raw = file ? fromFile(schema, options, file, problems) : {};
  const variables = new Map<string, string | undefined>();
  for (const option of options) {
    if (option.type !== 'path') continue;
    const value = get(raw, option.key);
    if (value !== undefined) set(raw, option.key, absolutePath(value, fileFolder ?? cwd));
  }
  for (const [option, text] of fromEnvironment(options, env)) {
    const value = option.type === 'path' ? absolutePath(text, cwd) : text;
    variables.set(option.key, option.env);
    if (v.is(option.schema, value)) set(raw, option.key, value);
    else
      problems.push({ key: option.key, variable: option.env, problem: wrong(option, text), allowed: option.allowed });
  }
  const place = (key: string): ConfigPlace => {
    if (variables.has(key)) return { key, variable: variables.get(key) };
    return file && get(raw, key) !== undefined ? { key, file: file.file, line: file.lineOf(key.split('.')) } : { key };
  };
  return { values: v.parse(schema, raw), problems, place };
}

/** The file's values that are right; the others are added to `problems`. */
function fromFile(
  schema: ConfigSchema,
  options: readonly ConfigOption[],
  { file, value, lineOf }: YamlFile,
  problems: ConfigProblem[],
): Raw {
  if (value === undefined) return {};
  const at = (path: readonly string[]) => ({ key: path.join('.'), file, line: lineOf(path) });
  const raw: Raw = {};
  const visit = (node: unknown, path: readonly string[]) => {
    const names = namesAt(schema, path) ?? [];
    if (node === null || typeof node !== 'object' || Array.isArray(node)) {
      const place = path.length === 0 ? { file, line: 1 } : at(path);
      problems.push({ ...place, problem: 'is not a section', allowed: `a map with ${names.join(', ')}` });
      return;
    }
    for (const [name, member] of Object.entries(node)) {
      const here = [...path, name];
      const option = options.find(({ key }) => key === here.join('.'));
      if (!names.includes(name)) problems.push({ ...at(here), ...unknownKey(name, names) });
      else if (!option) visit(member, here);
      else if (v.is(option.schema, member)) set(raw, option.key, member);
      else problems.push({ ...at(here), problem: wrong(option, member), allowed: option.allowed });
    }
  };
  visit(value, []);
  return raw;
}

function unknownKey(name: string, names: readonly string[]): Pick<ConfigProblem, 'problem' | 'allowed'> {
  const meant = suggest(name, names);
  return {
    problem: `unknown key${meant === undefined ? '' : `, did you mean ${meant}?`}`,
    allowed: names.join(', '),
  };
}

/** Says what a value is, unless it may be a secret. */
function wrong({ secret }: ConfigOption, value: unknown): string {
  if (secret) return 'wrong value (not shown)';
  const shown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return `wrong value ${shown ? JSON.stringify(value).slice(0, 60) : Array.isArray(value) ? '(a list)' : '(a map)'}`;
}

function get(raw: Raw, key: string): unknown {
  let node: unknown = raw;
  for (const name of key.split('.')) node = (node as Raw | undefined)?.[name];
  return node;
}

function set(raw: Raw, key: string, value: unknown): void {
  const names = key.split('.');
  const last = names.pop() ?? key;
  let node = raw;
  for (const name of names) {
    node[name] ??= {};
    node = node[name] as Raw;
  }
  node[last] = value;
}
