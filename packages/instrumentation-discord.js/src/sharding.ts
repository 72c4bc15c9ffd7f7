import { guard, patchMethod } from '@botaudit/instrumentation';
import { FRAMEWORK } from './scope.js';

/** A `Shard` of a `ShardingManager`, as far as it is used here. */
interface Shard {
  execArgv: unknown;
}

/** The preload flag's value, as a package, a path or a URL. */
const PRELOAD = /@botaudit[\\/]auto[\\/](dist[\\/])?register(\.js)?$|[\\/]auto[\\/]dist[\\/]register\.js$/;

/**
 * Hands the preload flag on to the processes and threads of shards: discord.js starts them with the options of Node that
 * the application names, and by default with none, where Node itself would hand on its own.
 */
export function patchShard(prototype: object): void {
  patchMethod(prototype, 'spawn', (spawn) => {
    return function (this: unknown, ...args) {
      const shard = this as Shard;
      const { execArgv } = shard;
      const options = guard(FRAMEWORK, () => withFlag(execArgv));
      if (!options) return Reflect.apply(spawn, this, args);
      shard.execArgv = options;
      try {
        // Started before its first await, thus before any other code runs.
        return Reflect.apply(spawn, this, args);
      } finally {
        shard.execArgv = execArgv;
      }
    };
  });
}

/** Options with the preload flag as this process has it; `undefined` where it hasn't, or they hold one anyway. */
function withFlag(given: unknown): string[] | undefined {
  const own = process.execArgv;
  const at = own.findIndex((flag) => PRELOAD.test(flag));
  if (at < 0 || !Array.isArray(given) || given.some((flag) => PRELOAD.test(String(flag)))) return undefined;
  const [flag = '', before = '--import'] = [own[at], own[at - 1]];
  return [...(flag.startsWith('--import=') ? [flag] : [before, flag]), ...given];
}
