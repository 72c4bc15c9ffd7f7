import { guard, patchMethod, watchStop } from '@botaudit/instrumentation';
import { life } from './bot.js';
import { FRAMEWORK } from './scope.js';

/** What `run` of `@grammyjs/runner` returns, as far as it is used here. */
interface RunnerHandle {
  isRunning(): boolean;
}

/** Patches `run`, which starts a bot without its `start`, and the `stop` of what it returns. */
export function patchRunner(exports: object): void {
  patchMethod(exports, 'run', (run) => {
    return function (this: unknown, ...args) {
      const handle = Reflect.apply(run, this, args);
      guard(FRAMEWORK, () => watchRunner(args[0] as object, handle as RunnerHandle));
      return handle;
    };
  });
}

function watchRunner(bot: object, handle: RunnerHandle): void {
  life.started(bot, 'runner');
  watchStop(handle, 'stop', FRAMEWORK, life, () => (handle.isRunning() ? bot : undefined));
}
