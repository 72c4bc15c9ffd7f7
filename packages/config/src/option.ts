import * as v from 'valibot';
import type { TypeInfo } from './types.js';

/** A schema of one option's value, with a {@link TypeInfo} among its metadata. */
type ValueSchema = v.GenericSchema<never, unknown> | v.GenericSchema<unknown, unknown>;

/** What is said of an option, beside its type. */
export interface OptionInfo {
  /** The environment variable that sets it. */
  readonly env?: string;
  /** One line for a reader. */
  readonly description: string;
  /** Its value must not be shown. */
  readonly secret?: boolean;
  /** What happens when it is not set, where that is no plain value. */
  readonly otherwise?: string;
}

/** An option as generated pages, a JSON Schema and errors need it. */
export interface ConfigOption extends TypeInfo {
  /** Dotted path in the file, e.g. `journal.max_bytes`. */
  readonly key: string;
  readonly env: string | undefined;
  /** As it would be written in the file; `undefined` when there is none. */
  readonly default: unknown;
  /** What happens when it is not set, where that is no plain value. */
  readonly otherwise: string | undefined;
  readonly description: string;
  readonly secret: boolean;
  readonly schema: v.GenericSchema<unknown, unknown>;
}

/** An option with a default, written as it would be in the file. */
export function option<const S extends v.GenericSchema, const D extends v.InferInput<S>>(
  schema: S,
  value: D,
  info: OptionInfo,
) {
  return v.pipe(v.optional(schema, value), v.metadata({ ...info }));
}

/** An option that may stay unset. */
export function optionalOption<const S extends v.GenericSchema>(schema: S, info: OptionInfo) {
  return v.pipe(v.optional(schema), v.metadata({ ...info }));
}

/** A section of the file. */
export function section<const E extends v.ObjectEntries>(entries: E) {
  return v.optional(v.strictObject(entries), {} as never);
}

/** A whole configuration: sections and options. */
export type ConfigSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

type Entry = v.GenericSchema & { readonly wrapped?: v.GenericSchema; readonly default?: unknown };

/** The entries of a section, or `undefined` when `schema` is an option. */
function entriesOf(schema: Entry): v.ObjectEntries | undefined {
  const inner = schema.wrapped ?? schema;
  return 'entries' in inner ? (inner.entries as v.ObjectEntries) : undefined;
}

/** All options of `schema`, in its order. */
export function listOptions(schema: ConfigSchema): readonly ConfigOption[] {
  return collect(schema.entries, '');
}

function collect(entries: v.ObjectEntries, prefix: string): ConfigOption[] {
  return Object.entries(entries).flatMap(([name, schema]) => {
    const entry = schema as Entry;
    const inner = entriesOf(entry);
    return inner === undefined ? [describe(prefix + name, entry)] : collect(inner, `${prefix}${name}.`);
  });
}

function describe(key: string, schema: Entry): ConfigOption {
  const type = v.getMetadata(schema.wrapped as ValueSchema as v.GenericSchema) as unknown as TypeInfo;
  const info = v.getMetadata(schema) as unknown as OptionInfo;
  return {
    key,
    env: info.env,
    type: type.type,
    allowed: type.allowed,
    jsonSchema: type.jsonSchema,
    default: schema.default,
    otherwise: info.otherwise,
    description: info.description,
    secret: info.secret ?? false,
    schema: schema.wrapped as v.GenericSchema,
  };
}

/** The names that may stand in the section at `path`; `undefined` when there is no such section. */
export function namesAt(schema: ConfigSchema, path: readonly string[]): readonly string[] | undefined {
  let entries: v.ObjectEntries | undefined = schema.entries;
  for (const name of path) {
    const entry: Entry | undefined = entries?.[name] as Entry | undefined;
    entries = entry && entriesOf(entry);
  }
  return entries && Object.keys(entries);
}
