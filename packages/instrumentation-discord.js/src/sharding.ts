import { guard, patchMethod, withPreloadFlag } from '@botaudit/instrumentation';
import { FRAMEWORK } from './scope.js';

/** A `Shard` of a `ShardingManager`, as far as it is used here. */
interface Shard {
  execArgv: unknown;
}

/**
 * Hands the preload flag on to the processes and threads of shards: discord.js starts them with the options of Node that
 * the application names, and by default with none.
 */
export function patchShard(prototype: object): void {
  patchMethod(prototype, 'spawn', (spawn) => {
    return function (this: unknown, ...args) {
      const shard = this as Shard;
      const { execArgv } = shard;
      const options = guard(FRAMEWORK, () => withPreloadFlag(execArgv));
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
