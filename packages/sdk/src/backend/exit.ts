import process from 'node:process';
import { isMainThread } from 'node:worker_threads';
import { watchExitEvent } from './exit-event.js';
import { watchSignals } from './exit-signals.js';

/** An error that was thrown and that nothing caught. */
export interface Crash {
  readonly error: unknown;
  /** `uncaughtException` or `unhandledRejection`. */
  readonly origin: string;
  readonly at: Date;
  /** The application has a handler, which took it and ended the process with a failure. */
  readonly handled: boolean;
}

/** What is told of the end of a process. None of it may throw. */
export interface ExitHooks {
  /** A signal came that ends the process, or that asks the application, which handles it, for an end. */
  onSignal(signal: NodeJS.Signals): void;
  /** An error that nothing caught ends the process, or did so by way of the application's handler. */
  onCrash(crash: Crash): void;
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
  /** The last error that was left to the application's handler, which may go on or end the process some time later. */
  let held: Crash | undefined;
  const atExit = () => {
    // With success the application says that it got over the error.
    if (held && Number(process.exitCode ?? 0) !== 0) hooks.onCrash(held);
    held = undefined;
    hooks.onEnd();
  };
  const exit = isMainThread ? watchExitEvent(atExit) : watchThread(atExit);
  const onEnd = () => {
    held = undefined;
    hooks.onEnd();
  };
  const stopSignals = isMainThread ? watchSignals({ onSignal: (signal) => hooks.onSignal(signal), onEnd }) : undefined;
  const onError = (error: unknown, origin: string) => {
    const handled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
    const crash = { error, origin, at: new Date(), handled };
    if (handled && !exit.begun) {
      held = crash;
      return;
    }
    hooks.onCrash(crash);
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

function watchThread(onEnd: () => void): { readonly begun: boolean; stop(): void } {
  process.on('exit', onEnd);
  return { begun: false, stop: () => void process.off('exit', onEnd) };
}
