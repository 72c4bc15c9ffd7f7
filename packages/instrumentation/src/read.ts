/** Longer ids than this are cut: what a platform calls an id is short. */
const MAX_ID_LENGTH = 256;

/**
 * Reads a member of a foreign value along `path`. Own properties only, so that a polluted prototype says nothing.
 *
 * @returns `undefined` when there is no such member, or when looking at it throws.
 */
export function read(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  try {
    for (const key of path) {
      if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
      current = (current as Record<string, unknown>)[key];
    }
  } catch {
    // A getter or a proxy of the bot's own; what it hides can't be recorded.
    return undefined;
  }
  return current;
}

/** Reads an id: a string, or a number as one. `undefined` for anything else. */
export function readId(value: unknown, ...path: readonly string[]): string | undefined {
  const id = read(value, ...path);
  if (typeof id === 'string') return id === '' ? undefined : id.slice(0, MAX_ID_LENGTH);
  if (typeof id === 'number' ? Number.isFinite(id) : typeof id === 'bigint') return String(id);
  return undefined;
}

/** Reads a text that is not empty, whole. */
export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const text = read(value, ...path);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

const NOTHING: readonly never[] = [];

/** Reads a list, at most `limit` members of it; empty for anything else. */
export function readList(value: unknown, path: readonly string[], limit: number): readonly unknown[] {
  const list = read(value, ...path);
  try {
    return Array.isArray(list) ? list.slice(0, limit) : NOTHING;
  } catch {
    // As above.
    return NOTHING;
  }
}

/** Reads a list of ids, at most `limit` of them; what is no id is left out. */
export function readIds(value: unknown, path: readonly string[], limit: number): readonly string[] {
  const list = readList(value, path, limit);
  return list === NOTHING ? NOTHING : list.map((id) => readId(id)).filter((id) => id !== undefined);
}

/** The names of a foreign value's own members; none where it can't be looked at. */
export function ownKeys(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  try {
    return Object.keys(value);
  } catch {
    // As above.
    return [];
  }
}
