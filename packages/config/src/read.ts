import * as v from 'valibot';
import { type Environment, fromEnvironment } from './environment.js';
import { type FileValues, fromFile } from './from-file.js';
import { type ConfigSchema, listOptions } from './option.js';
import { type ConfigPath, keyOf, pathOf } from './path.js';
import type { ConfigPlace, ConfigProblem } from './problem.js';
import { get, set, wrong } from './raw.js';
import { withAbsolutePaths } from './types.js';
import type { YamlFile } from './yaml-file.js';

/** Where a configuration is read from. What the environment says goes before what the file says. */
export interface Sources {
  readonly env: Environment;
  /** Paths in the environment are meant from here. */
  readonly cwd: string;
  readonly file?: YamlFile | undefined;
  /** Paths in the file are meant from here. */
  readonly fileFolder?: string | undefined;
  /** What options are where neither the file nor the environment sets them, by key, as it would be written in the file. */
  readonly suggested?: Readonly<Record<string, unknown>> | undefined;
}

/** A configuration that was read. */
export interface ReadConfig<S extends ConfigSchema> {
  readonly values: v.InferOutput<S>;
  readonly problems: readonly ConfigProblem[];
  /**
   * Where an option's value came from, for a problem that shows later; of one that is not set, its key alone.
   *
   * @param key the members of lists are counted as in `values`: `policy.rules[0].event`. Of one that is not set in a
   * list's map, the place is that map's.
   */
  readonly place: (key: string) => ConfigPlace;
  /** Whether an option is as it was suggested. */
  readonly isSuggested: (key: string) => boolean;
}

/**
 * Reads a configuration by its schema. What is wrong is named in `problems` and left at its default; of a list, the map
 * in which anything is wrong is left out.
 */
export function readConfig<const S extends ConfigSchema>(
  schema: S,
  { env, cwd, file, fileFolder, suggested = {} }: Sources,
): ReadConfig<S> {
  const said = file && fromFile(schema, file, fileFolder ?? cwd);
  const raw = said?.raw ?? {};
  const problems: ConfigProblem[] = [...(file?.problems ?? []), ...(said?.problems ?? [])];
  const variables = new Map<string, string | undefined>();
  for (const [option, text] of fromEnvironment(listOptions(schema), env)) {
    const value = withAbsolutePaths(option.type, text, cwd);
    variables.set(option.key, option.env);
    if (v.is(option.schema, value)) set(raw, option.key.split('.'), value);
    else
      problems.push({ key: option.key, variable: option.env, problem: wrong(option, text), allowed: option.allowed });
  }
  const taken = new Set(Object.keys(suggested).filter((key) => get(raw, pathOf(key)) === undefined));
  for (const key of taken) set(raw, key.split('.'), suggested[key]);
  const place = (key: string): ConfigPlace => {
    if (variables.has(key)) return { key, variable: variables.get(key) };
    const path = pathOf(key);
    const listed = path.findLastIndex((part) => typeof part === 'number') + 1;
    const isSet = get(raw, listed > 0 ? path.slice(0, listed) : path) !== undefined;
    if (!file || !isSet || taken.has(key)) return { key };
    const original = inFileOf(path, said?.origins);
    return { key: keyOf(original), file: file.file, line: file.lineOf(original) };
  };
  return { values: v.parse(schema, raw), problems, place, isSuggested: (key) => taken.has(key) };
}

/** Where in the file stands what stands at `path` in the values, which lack what is wrong. */
function inFileOf(path: ConfigPath, origins: FileValues['origins'] | undefined): ConfigPath {
  const original: (string | number)[] = [];
  for (const part of path) {
    original.push(typeof part === 'number' ? (origins?.get(keyOf(original))?.[part] ?? part) : part);
  }
  return original;
}
