import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';

/** What a type says of itself, beside checking values: for errors, the reference page and the JSON Schema. */
export interface TypeInfo {
  /** Short name, e.g. `bytes`. */
  readonly type: string;
  /** What a value may be, in words. */
  readonly allowed: string;
  /** A fragment of JSON Schema for editors. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

// Values of the environment are text, so each type reads its values from text as well.

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

export const boolean = v.pipe(
  v.union([v.boolean(), v.string(), v.number()]),
  v.check((value) => [...TRUE, ...FALSE].includes(String(value).toLowerCase())),
  v.transform((value) => TRUE.includes(String(value).toLowerCase())),
  v.metadata({
    type: 'boolean',
    allowed: 'true or false (1 or 0, yes or no, on or off)',
    jsonSchema: { type: 'boolean' },
  } satisfies TypeInfo),
);

export const text = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.metadata({
    type: 'text',
    allowed: 'a text that is not empty',
    jsonSchema: { type: 'string', minLength: 1 },
  } satisfies TypeInfo),
);

/** A path; one that is not absolute is meant from the file's folder, or from the working folder in the environment. */
export const path = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check((value) => !value.includes('\0')),
  v.metadata({
    type: 'path',
    allowed: 'a path',
    jsonSchema: { type: 'string', minLength: 1 },
  } satisfies TypeInfo),
);

/** Makes `value` absolute, where it is a path. `~` is the home of the user, as in a shell, which does not read the file. */
export function absolutePath(value: unknown, folder: string): unknown {
  if (typeof value !== 'string' || value === '') return value;
  return /^~(?:\/|$)/.test(value) ? join(homedir(), value.slice(1)) : resolve(folder, value);
}

/** Paths, as {@link path}; in the environment parted by commas. */
export const pathList = v.pipe(
  v.union([v.array(path), v.string()]),
  v.transform((value) => (Array.isArray(value) ? value : itemsOf(value))),
  v.metadata({
    type: 'paths',
    allowed: 'a path, or a list of paths; in the environment parted by commas',
    jsonSchema: {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 } },
      ],
    },
  } satisfies TypeInfo),
);

function itemsOf(list: string): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Makes the paths in a value of the type `type` absolute; values of other types stay. */
export function withAbsolutePaths(type: string, value: unknown, folder: string): unknown {
  if (type === 'path') return absolutePath(value, folder);
  if (type !== 'paths') return value;
  const paths = typeof value === 'string' ? itemsOf(value) : value;
  return Array.isArray(paths) ? paths.map((each) => absolutePath(each, folder)) : value;
}

/** Any of `values`, or several; in the environment parted by commas. */
export const someOf = <const T extends readonly string[]>(values: T) => {
  const item = v.picklist(values);
  return v.pipe(
    v.union([v.array(item), v.string()]),
    v.check((value) => v.is(v.array(item), Array.isArray(value) ? value : itemsOf(value))),
    v.transform((value) => (Array.isArray(value) ? value : itemsOf(value)) as T[number][]),
    v.metadata({
      type: `any of ${values.join(', ')}`,
      allowed: `a list of any of ${values.join(', ')}; in the environment parted by commas`,
      jsonSchema: { anyOf: [{ enum: values }, { type: 'array', items: { enum: values }, uniqueItems: true }] },
    } satisfies TypeInfo),
  );
};

/** One of `values`. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  v.pipe(
    v.picklist(values),
    v.metadata({
      type: values.join(' | '),
      allowed: values.join(', '),
      jsonSchema: { enum: values },
    } satisfies TypeInfo),
  );

/** One value of `type`, or a list of at least one; read as a list. */
export const oneOrMore = <const S extends v.GenericSchema>(type: S) => {
  const info = v.getMetadata(type) as unknown as TypeInfo;
  return v.pipe(
    v.union([v.pipe(v.array(type), v.nonEmpty()), type]),
    v.transform((value) => (Array.isArray(value) ? value : [value]) as v.InferOutput<S>[]),
    v.metadata({
      type: `${info.type}, one or a list`,
      allowed: `${info.allowed}; or a list of such`,
      jsonSchema: { anyOf: [info.jsonSchema, { type: 'array', items: info.jsonSchema, minItems: 1 }] },
    } satisfies TypeInfo),
  );
};

/** A whole number from `min` to `max`. The unit belongs in the option's name. */
export const integer = (min: number, max: number) =>
  v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\s*\d{1,15}\s*$/), v.transform(Number))]),
    v.integer(),
    v.minValue(min),
    v.maxValue(max),
    v.metadata({
      type: 'integer',
      allowed: `a whole number from ${min} to ${max}`,
      jsonSchema: { type: 'integer', minimum: min, maximum: max },
    } satisfies TypeInfo),
  );

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
// Without flags: its source stands in the JSON Schema.
const SIZE = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgtKMGT]?[iI]?[bB])?\s*$/;

function parseSize(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
  const [, amount, unit = ''] = SIZE.exec(value) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.floor(Number(amount) * factor);
}

/** A size in bytes, from `min` to `max`. */
export const bytes = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.union([v.number(), v.string()]),
    v.check((value) => {
      const size = parseSize(value) ?? -1;
      return size >= min && size <= max;
    }),
    v.transform((value) => parseSize(value) ?? 0),
    v.metadata({
      type: 'bytes',
      allowed: `a number of bytes, or one with a unit such as 512 MiB or 1 GB, of at least ${min}${max < Number.MAX_SAFE_INTEGER ? ` and at most ${max}` : ''}`,
      jsonSchema: {
        anyOf: [
          { type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) },
          { type: 'string', pattern: SIZE.source },
        ],
      },
    } satisfies TypeInfo),
  );

const PERCENT = /^\s*(\d{1,2}(?:\.\d{1,6})?)\s*%\s*$/;

function parseShare(value: string | number): number | undefined {
  const [, percent] = PERCENT.exec(String(value)) ?? [];
  return percent === undefined ? parseSize(value) : Number(percent) / 100;
}

/** A size in bytes, or a share of the whole: a result below 1 is a fraction. */
export const bytesOrShare = v.pipe(
  v.union([v.number(), v.string()]),
  v.check((value) => parseShare(value) !== undefined),
  v.transform((value) => parseShare(value) ?? 0),
  v.metadata({
    type: 'bytes or percentage',
    allowed: 'a number of bytes, one with a unit such as 512 MiB, or a percentage below 100 such as 10 %',
    jsonSchema: { type: ['integer', 'string'], minimum: 0 },
  } satisfies TypeInfo),
);
