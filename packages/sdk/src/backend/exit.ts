import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { watchExitEvent } from './exit-event.js';
import { watchSignals } from './exit-signals.js';

/** What is told of the end of a process. None of it may throw. */
export interface ExitHooks {
  /** A signal came that ends the process, unless the application handles it. */
  onSignal(signal: NodeJS.Signals): void;
  /** An error was thrown that nothing caught. `handled`: the application has a handler, which decides what comes. */
  onCrash(error: unknown, origin: string, handled: boolean): void;
  /** Nothing else will run in this thread: synchronous work only. May be called more than once. */
  onEnd(): void;
}

/**
 * Watches for the end of this thread without changing it: exit code, signal and the application's handlers stay as they
 * are. A worker thread gets no signals, and ends with its process without being told.
 *
 * @returns what takes the hooks away again.
 */
export function watchExit(hooks: ExitHooks): () => void {
  const exit = isMainThread ? watchExitEvent(() => hooks.onEnd()) : watchThread(hooks);
  const stopSignals = isMainThread ? watchSignals(hooks) : undefined;
  const onError = (error: unknown, origin: string) => {
    const handled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
    hooks.onCrash(error, origin, handled);
    // Thrown by an exit listener: there is no other event to come.
    if (exit.begun) hooks.onEnd();
  };
  process.on('uncaughtExceptionMonitor', onError);
  return () => {
    process.off('uncaughtExceptionMonitor', onError);
    stopSignals?.();
    exit.stop();
  };
}

function watchThread({ onEnd }: ExitHooks): { readonly begun: boolean; stop(): void } {
  process.on('exit', onEnd);
  return { begun: false, stop: () => void process.off('exit', onEnd) };
}
