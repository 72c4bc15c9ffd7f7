import { base64 } from './base64.js';
import type { AttributeMap, AttributeValue } from './model.js';

/** Containers nested deeper than this become a marker: receivers of OTLP and Elasticsearch refuse much deeper ones. */
const MAX_DEPTH = 16;

/** What holds more values than this is past the size of a record in any case, so the rest is not even looked at. */
const MAX_VALUES = 65_536;

/** The largest magnitude of an integer that stays a number. */
export const MAX_INTEGER = 2 ** 53;

const CIRCULAR = '[circular]';
const TOO_DEEP = '[too deep]';
const TOO_LARGE = '[too large]';
const UNREADABLE = '[unreadable]';

/**
 * Makes any value plain, so that its OTLP type follows from it and it comes back the same from plain JSON:
 *
 * - an integer beyond 2^53, a bigint beyond it, NaN and the infinities become strings, -0 becomes 0;
 * - bytes (`ArrayBuffer` and its views) become base64, dates ISO 8601, errors `name: message`;
 * - strings that are not well-formed UTF-16 are made so;
 * - null, undefined, functions and symbols are dropped from a map, and are `""` in an array;
 * - a `Map` becomes a map, a `Set` an array; anything else with `toJSON` what that gives; other objects a map of their
 *   own enumerable members;
 * - `[circular]`, `[too deep]` (16 levels), `[too large]` (65,536 values; further members of a map are dropped) and
 *   `[unreadable]` (a getter, proxy or `toJSON` that throws) stand for what cannot be taken over.
 *
 * The result shares nothing with `value`. Never throws.
 *
 * @param onLoss called, at least once, when a marker stands for something or members were dropped for their number: then
 *   different values can become the same. Null, functions and symbols are no loss.
 * @param describe asked of every text, array and object what is to stand for it; its answer is to be plain, and
 * `undefined` for what is to be taken over. Must not throw for a text; where it throws otherwise, `[unreadable]` stands.
 * @returns `undefined` for what is dropped from a map.
 */
export function toPlain(value: unknown, onLoss?: () => void, describe?: Describe): AttributeValue | undefined {
  return plain(value, onLoss || describe ? { above: [], left: MAX_VALUES, onLoss, describe } : undefined);
}

/** Says what stands for a value in place of what it holds. */
export type Describe = (value: string | object) => AttributeValue | undefined;

/** How far one call of {@link toPlain} has come. */
interface Walk {
  /** The containers that the current one is in. */
  readonly above: object[];
  /** How many more values are taken over. */
  left: number;
  readonly onLoss: (() => void) | undefined;
  readonly describe: Describe | undefined;
}

function plain(value: unknown, walk: Walk | undefined): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
      return walk?.describe?.(value) ?? value.toWellFormed();
    case 'number':
      return plainNumber(value);
    case 'boolean':
      return value;
    case 'bigint':
      return value >= -MAX_INTEGER && value <= MAX_INTEGER ? Number(value) : value.toString();
    case 'object':
      return value === null
        ? undefined
        : container(value, walk ?? { above: [], left: MAX_VALUES, onLoss: undefined, describe: undefined });
    default:
      return undefined;
  }
}

function plainNumber(value: number): number | string {
  // Adding 0 makes 0 of -0.
  if (Number.isInteger(value)) return Math.abs(value) <= MAX_INTEGER ? value + 0 : String(value);
  return Number.isFinite(value) ? value : String(value);
}

function container(value: object, walk: Walk): AttributeValue | undefined {
  if (walk.above.includes(value)) return marker(CIRCULAR, walk);
  if (walk.above.length >= MAX_DEPTH) return marker(TOO_DEEP, walk);
  walk.above.push(value);
  try {
    return walk.describe?.(value) ?? unwrap(value, walk);
  } catch {
    // A proxy's trap, a getter of the prototype, `toJSON`: code that is not ours, and says nothing about the value.
    return marker(UNREADABLE, walk);
  } finally {
    walk.above.pop();
  }
}

/** Says that something is lost, and what stands for it. */
function marker(text: string, walk: Walk): string {
  walk.onLoss?.();
  return text;
}

function unwrap(value: object, walk: Walk): AttributeValue | undefined {
  if (Array.isArray(value)) return plainArray(value, walk);
  if (ArrayBuffer.isView(value)) return base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer) return base64(new Uint8Array(value));
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'Invalid Date';
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), walk);
  if (value instanceof Error) return String(value).toWellFormed();
  if (value instanceof Map) return plainMap(value, walk);
  if (value instanceof Set) return plainArray([...value], walk);
  if (value instanceof String || value instanceof Number || value instanceof Boolean)
    return plain(value.valueOf(), walk);
  return plainObject(value as Record<string, unknown>, walk);
}

function plainArray(values: readonly unknown[], walk: Walk): AttributeValue[] {
  const result: AttributeValue[] = [];
  for (let i = 0; i < values.length; i++) {
    if (walk.left-- <= 0) {
      result.push(marker(TOO_LARGE, walk));
      break;
    }
    result.push(plain(read(values, i, walk), walk) ?? '');
  }
  return result;
}

function plainObject(object: Record<string, unknown>, walk: Walk): AttributeMap {
  const result: AttributeMap = {};
  for (const key of Object.keys(object)) {
    if (walk.left-- <= 0) {
      walk.onLoss?.();
      break;
    }
    put(result, key.toWellFormed(), plain(read(object, key, walk), walk));
  }
  return result;
}

function plainMap(map: ReadonlyMap<unknown, unknown>, walk: Walk): AttributeMap {
  const result: AttributeMap = {};
  for (const [key, member] of map) {
    if (walk.left-- <= 0) {
      walk.onLoss?.();
      break;
    }
    put(result, String(key).toWellFormed(), plain(member, walk));
  }
  return result;
}

/** Reads one member; one getter that throws must not cost the others. */
function read<K extends PropertyKey>(from: { readonly [key in K]: unknown }, key: K, walk: Walk): unknown {
  try {
    return from[key];
  } catch {
    return marker(UNREADABLE, walk);
  }
}

/** Sets an own member, also where its name is `__proto__`, which an assignment would take for the prototype. */
export function put(map: AttributeMap, key: string, value: AttributeValue | undefined): void {
  if (value === undefined) return;
  if (key !== '__proto__') map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
