type Sqlite = typeof import('node:sqlite');

let loaded: Sqlite | 'missing' | undefined;

/**
 * Node's SQLite, loaded when it is first asked for. `undefined` where this Node has none: built without it, or started
 * with `--no-experimental-sqlite`.
 */
export function loadSqlite(): Sqlite | undefined {
  loaded ??= loadQuietly() ?? 'missing';
  return loaded === 'missing' ? undefined : loaded;
}

/**
 * Older Node versions say while loading that SQLite is experimental. That is ours to know and not the bot's to print, so
 * this very warning is dropped during this very call; any other passes.
 */
function loadQuietly(): Sqlite | undefined {
  const original = process.emitWarning;
  const filtered = (...args: [warning: string | Error, ...rest: unknown[]]): void => {
    const [warning, type] = args;
    if (type === 'ExperimentalWarning' && String(warning).startsWith('SQLite is')) return;
    Reflect.apply(original, process, args);
  };
  try {
    // Reflect.set, since a frozen `process` is no reason to do without locks.
    Reflect.set(process, 'emitWarning', filtered);
    return process.getBuiltinModule('node:sqlite');
  } catch {
    // A Node that refuses to load it has none.
    return undefined;
  } finally {
    Reflect.set(process, 'emitWarning', original);
  }
}
