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
  /** Dotted path in the file, e.g. `journal.max_bytes`; of a member of a list's maps, e.g. `policy.rules[].event`. */
  readonly key: string;
  readonly env: string | undefined;
  /** As it would be written in the file; `undefined` when there is none. */
  readonly default: unknown;
  /** What happens when it is not set, where that is no plain value. */
  readonly otherwise: string | undefined;
  readonly description: string;
  readonly secret: boolean;
  /** Of a list of maps: what may stand in each. */
  readonly members: readonly ConfigOption[] | undefined;
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

/** A list of maps, by default empty. It is the file's to say: no variable holds one. */
export function listOption<const E extends v.ObjectEntries>(entries: E, info: Pick<OptionInfo, 'description'>) {
  return v.pipe(v.optional(v.array(v.strictObject(entries)), []), v.metadata({ ...info }));
}

/** A section of the file. */
export function section<const E extends v.ObjectEntries>(entries: E) {
  return v.optional(v.strictObject(entries), {} as never);
}

/** A whole configuration: sections and options. */
export type ConfigSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

type Entry = v.GenericSchema & { readonly wrapped?: v.GenericSchema; readonly default?: unknown };

/** What may stand in one place of the file. */
export type Place =
  | { readonly kind: 'section'; readonly entries: v.ObjectEntries }
  | { readonly kind: 'list'; readonly entries: v.ObjectEntries }
  | { readonly kind: 'option'; readonly option: ConfigOption };

/** What the entry under `key` is. */
export function placeOf(key: string, entry: v.ObjectEntries[string]): Place {
  const { wrapped = entry } = entry as Entry;
  if ('entries' in wrapped) return { kind: 'section', entries: wrapped.entries as v.ObjectEntries };
  const entries = itemEntries(wrapped as v.GenericSchema);
  return entries ? { kind: 'list', entries } : { kind: 'option', option: describe(key, entry as Entry) };
}

/** What may stand in each map of a list of maps; `undefined` for any other type. */
function itemEntries(schema: v.GenericSchema): v.ObjectEntries | undefined {
  const { item } = schema as { readonly item?: object };
  return item && 'entries' in item ? (item.entries as v.ObjectEntries) : undefined;
}

/** All options of `schema`, in its order. */
export function listOptions(schema: ConfigSchema): readonly ConfigOption[] {
  return collect(schema.entries, '');
}

function collect(entries: v.ObjectEntries, prefix: string): ConfigOption[] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    const key = prefix + name;
    const place = placeOf(key, entry);
    if (place.kind === 'section') return collect(place.entries, `${key}.`);
    return [describe(key, entry as Entry)];
  });
}

function describe(key: string, schema: Entry): ConfigOption {
  const wrapped = schema.wrapped as v.GenericSchema;
  const info = v.getMetadata(schema) as unknown as OptionInfo;
  const entries = itemEntries(wrapped);
  const members = entries && collect(entries, `${key}[].`);
  const type = members ? listType(members) : (v.getMetadata(wrapped as ValueSchema as typeof wrapped) as never);
  return {
    key,
    env: info.env,
    ...pick(type),
    default: schema.default,
    otherwise: info.otherwise,
    description: info.description,
    secret: info.secret ?? false,
    members,
    schema: wrapped,
  };
}

/** Metadata of a type may say more than this of itself. */
function pick({ type, allowed, jsonSchema }: TypeInfo): TypeInfo {
  return { type, allowed, jsonSchema };
}

function listType(members: readonly ConfigOption[]): TypeInfo {
  const names = members.map(({ key }) => lastName(key));
  const properties = members.map((member) => {
    const { description, jsonSchema, default: value } = member;
    return { description, ...jsonSchema, ...(value === undefined ? {} : { default: value }) };
  });
  return {
    type: 'list of maps',
    allowed: `a list of maps with ${names.join(', ')}`,
    jsonSchema: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(names.map((name, index) => [name, properties[index]])),
      },
    },
  };
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}
