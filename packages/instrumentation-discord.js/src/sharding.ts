import { guard, patchMethod, readList } from '@botaudit/instrumentation';
import { FRAMEWORK } from './scope.js';

/** A `Shard` of a `ShardingManager`, as far as it is used here. */
interface Shard {
  execArgv: readonly string[];
}

/** The preload flag's value, as a package, a path or a URL. */
const PRELOAD = /@botaudit[\\/]auto[\\/](dist[\\/])?register(\.js)?$|[\\/]auto[\\/]dist[\\/]register\.js$/;

const MAX_FLAGS = 1_000;

/**
 * Hands the preload flag on to the processes and threads of shards: discord.js starts them with the options of Node that
 * the application names, and by default with none, where Node itself would hand on its own.
 */
export function patchShard(prototype: object): void {
  patchMethod(prototype, 'spawn', (spawn) => {
    return function (this: unknown, ...args) {
      const shard = this as Shard;
      const { execArgv } = shard;
      const flags = guard(FRAMEWORK, () => missingFlags(execArgv));
      if (!flags) return Reflect.apply(spawn, this, args);
      shard.execArgv = [...flags, ...execArgv];
      try {
        // Started before its first await, thus before any other code runs.
        return Reflect.apply(spawn, this, args);
      } finally {
        shard.execArgv = execArgv;
      }
    };
  });
}

/** The preload flag as this process was given it; `undefined` where it wasn't, or the shard is given it anyway. */
function missingFlags(given: readonly string[]): string[] | undefined {
  const own = process.execArgv;
  const at = own.findIndex((flag) => PRELOAD.test(flag));
  if (at < 0 || readList({ given }, ['given'], MAX_FLAGS).some((flag) => PRELOAD.test(String(flag)))) return undefined;
  const [flag = '', before] = [own[at], own[at - 1]];
  return flag.startsWith('--import=') ? [flag] : [before ?? '--import', flag];
}
