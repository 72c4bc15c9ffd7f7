import type { ObjectEntries } from 'valibot';
import * as v from 'valibot';
import { type ConfigOption, type ConfigSchema, placeOf } from './option.js';
import { type ConfigPath, keyOf } from './path.js';
import type { ConfigProblem } from './problem.js';
import { type RawSection, wrong } from './raw.js';
import { suggest } from './suggest.js';
import { withAbsolutePaths } from './types.js';
import type { YamlFile } from './yaml-file.js';

/** What a file says, as far as it is right. */
export interface FileValues {
  readonly raw: RawSection;
  readonly problems: readonly ConfigProblem[];
  /** By the key of a list: where in the file's list its members stand. Those that are wrong are not among them. */
  readonly origins: ReadonlyMap<string, readonly number[]>;
}

/**
 * Checks a file against a schema. Of a list's maps, one in which anything is wrong is left out whole: half of it could
 * mean something else.
 *
 * @param folder paths in the file are meant from here.
 */
export function fromFile(schema: ConfigSchema, file: YamlFile, folder: string): FileValues {
  const walk = new Walk(file, folder);
  const raw = file.value === undefined ? {} : walk.map(schema.entries, file.value, []);
  return { raw, problems: walk.problems, origins: walk.origins };
}

class Walk {
  readonly problems: ConfigProblem[] = [];
  readonly origins = new Map<string, readonly number[]>();
  readonly #file: YamlFile;
  readonly #folder: string;

  constructor(file: YamlFile, folder: string) {
    this.#file = file;
    this.#folder = folder;
  }

  map(entries: ObjectEntries, node: unknown, path: ConfigPath): RawSection {
    const names = Object.keys(entries);
    const raw: RawSection = {};
    if (node === null || typeof node !== 'object' || Array.isArray(node)) {
      const problem = typeof path.at(-1) === 'number' ? 'is not a map' : 'is not a section';
      this.#report(path, { problem, allowed: `a map with ${names.join(', ')}` });
      return raw;
    }
    for (const [name, member] of Object.entries(node)) {
      const here = [...path, name];
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (entry === undefined) {
        this.#report(here, unknownKey(name, names));
        continue;
      }
      const place = placeOf(keyOf(here), entry);
      if (place.kind === 'section') raw[name] = this.map(place.entries, member, here);
      else if (place.kind === 'list') raw[name] = this.#list(place.entries, member, here);
      else if (v.is(place.option.schema, member)) raw[name] = this.#value(place.option, member);
      else this.#report(here, { problem: wrong(place.option, member), allowed: place.option.allowed });
    }
    return raw;
  }

  #list(entries: ObjectEntries, node: unknown, path: ConfigPath): RawSection[] {
    if (!Array.isArray(node)) {
      this.#report(path, {
        problem: 'is not a list',
        allowed: `a list of maps with ${Object.keys(entries).join(', ')}`,
      });
      return [];
    }
    const kept: RawSection[] = [];
    const origins: number[] = [];
    node.forEach((item, index) => {
      const before = this.problems.length;
      const raw = this.map(entries, item, [...path, index]);
      if (this.problems.length > before) return;
      kept.push(raw);
      origins.push(index);
    });
    this.origins.set(keyOf(path), origins);
    return kept;
  }

  #value({ type }: ConfigOption, value: unknown): unknown {
    return withAbsolutePaths(type, value, this.#folder);
  }

  #report(path: ConfigPath, problem: Pick<ConfigProblem, 'problem' | 'allowed'>): void {
    const { file, lineOf } = this.#file;
    const place = path.length === 0 ? { file, line: 1 } : { key: keyOf(path), file, line: lineOf(path) };
    this.problems.push({ ...place, ...problem });
  }
}

function unknownKey(name: string, names: readonly string[]): Pick<ConfigProblem, 'problem' | 'allowed'> {
  const meant = suggest(name, names);
  return {
    problem: `unknown key${meant === undefined ? '' : `, did you mean ${meant}?`}`,
    allowed: names.join(', '),
  };
}
