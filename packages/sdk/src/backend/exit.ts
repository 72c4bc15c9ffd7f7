import { constants } from 'node:os';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { onExit, signals } from 'signal-exit';

/** What is told of the end of a process, in this order. None of it may throw. */
export interface ExitHooks {
  /** A signal came that ends the process, unless the application handles it. */
  onSignal(signal: NodeJS.Signals): void;
  /** An error was thrown that nothing caught. `handled`: the application has a handler, which decides what comes. */
  onCrash(error: unknown, origin: string, handled: boolean): void;
  /** Nothing else will run in this thread: synchronous work only. */
  onEnd(): void;
}

/**
 * How copies of signal-exit know of each other (its `Emitter`): a copy lets the process die of a signal when there are
 * as many listeners as `count`, since then none of them is the application's.
 */
interface SharedEmitter {
  count: number;
}
const SHARED_EMITTER = Symbol.for('signal-exit emitter');

/**
 * Watches for the end of this thread without changing it: exit code, signal and the application's handlers stay as they
 * are. A worker thread gets no signals, and ends with its process without being told.
 *
 * @returns what takes the hooks away again.
 */
export function watchExit(hooks: ExitHooks): () => void {
  const onError = (error: unknown, origin: string) => {
    const handled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
    hooks.onCrash(error, origin, handled);
  };
  process.on('uncaughtExceptionMonitor', onError);
  const stopWatching = isMainThread ? watchProcess(hooks) : watchThread(hooks);
  return () => {
    process.off('uncaughtExceptionMonitor', onError);
    stopWatching();
  };
}

function watchThread({ onEnd }: ExitHooks): () => void {
  process.on('exit', onEnd);
  return () => process.off('exit', onEnd);
}

function watchProcess({ onSignal, onEnd }: ExitHooks): () => void {
  const before = signals.map((signal) => process.rawListeners(signal).length);
  const forget = onExit(
    (_code, signal) => {
      // A signal that only we have seen: nothing of the application's runs any more.
      unlisten();
      onEnd();
      if (!signal || process.pid !== 1) return undefined;
      // The kernel protects the first process of a container from signals that it does not handle, so the signal that
      // is sent again would not end it.
      process.exit(128 + constants.signals[signal]);
    },
    // What the application does in its own exit listeners is recorded too.
    { alwaysLast: true },
  );
  signals.forEach((signal, index) => {
    toFront(signal, before[index] ?? 0);
  });
  const unlisten = listen(onSignal);
  return () => {
    unlisten();
    forget();
  };
}

/**
 * Puts the listener that signal-exit has just added before those of the application. Behind them it would find a handler
 * set with `process.once` gone already, take the signal for unhandled, and end the process in the middle of its shutdown.
 */
function toFront(signal: NodeJS.Signals, before: number): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  const added = listeners.at(-1);
  // With none before it is in front; without one more, the application loaded this copy of signal-exit before us.
  if (before === 0 || listeners.length === before || !added) return;
  process.off(signal, added);
  process.prependListener(signal, added);
}

/**
 * Listens to signals that the application handles as well, which signal-exit does not tell of. Counted as one more copy
 * of it, so that these listeners, too, keep no process alive that would have ended without them.
 */
function listen(onSignal: (signal: NodeJS.Signals) => void): () => void {
  const shared = (globalThis as { [SHARED_EMITTER]?: SharedEmitter })[SHARED_EMITTER];
  if (!shared) return () => undefined;
  const listener = (signal: NodeJS.Signals) => onSignal(signal);
  const heard = signals.filter((signal) => {
    try {
      process.prependListener(signal, listener);
      return true;
    } catch {
      return false; // This system has no such signal.
    }
  });
  shared.count += 1;
  let listening = true;
  return () => {
    if (!listening) return;
    listening = false;
    shared.count -= 1;
    for (const signal of heard) process.off(signal, listener);
  };
}
