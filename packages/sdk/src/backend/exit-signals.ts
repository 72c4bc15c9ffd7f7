import { constants } from 'node:os';
import process from 'node:process';
// Makes the emitter that its copies share.
import 'signal-exit';
import type { ExitHooks } from './exit.js';

/**
 * What ends a bot in ordinary life. A signal that is listened to waits for the event loop: SIGQUIT, SIGABRT and their
 * like, with which a process that hangs is ended or made to dump, stay the system's.
 */
const WATCHED = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Those that ask for an end where the application handles them, too; SIGHUP asks it for something else then. */
const END_BY_CUSTOM: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT']);

/**
 * How copies of signal-exit know of each other (its `Emitter`, made when a copy is loaded): a copy lets the process die
 * of a signal when there are as many listeners as `count`, since then none of them is the application's.
 */
interface SharedEmitter {
  count: number;
  on(event: 'afterExit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): void;
  removeListener: SharedEmitter['on'];
}

/** The same of its version 3, which does not know of later ones. */
interface Version3 {
  readonly __signal_exit_emitter__?: { readonly count?: unknown };
}

function sharedEmitter(): SharedEmitter | undefined {
  return (globalThis as unknown as Record<symbol, SharedEmitter | undefined>)[Symbol.for('signal-exit emitter')];
}

function countOfVersion3(): number {
  const count = (process as Version3).__signal_exit_emitter__?.count;
  return typeof count === 'number' ? count : 0;
}

/**
 * Watches signals that end a process. A plain listener would keep the process alive, and so would one that the copies of
 * signal-exit in an application don't know of. So this is one more such copy: it counts itself, and where there are only
 * copies it lets the signal have its way.
 *
 * It is not signal-exit's own `onExit`, because that says nothing of a signal that the application handles; and because
 * its listener, behind one that was set with `process.once`, would find that gone, take the signal for unhandled, and
 * end the process in the middle of its shutdown. Ours is in front.
 *
 * @returns what takes it away again.
 */
export function watchSignals({ onSignal, onEnd }: Pick<ExitHooks, 'onSignal' | 'onEnd'>): () => void {
  const shared = sharedEmitter();
  // It is not made where `process` is not what it should be, and then there is nothing to listen to either.
  if (!shared) return () => undefined;

  // Copies compare `count` with all the listeners of whatever signal they hear. So ours is in it while a signal is passed
  // on that we listen to, and at no other time.
  let counted = false;
  const countIn = () => {
    if (counted) return;
    counted = true;
    shared.count += 1;
    process.nextTick(countOut);
  };
  const countOut = () => {
    if (!counted) return;
    counted = false;
    shared.count -= 1;
  };
  const listener = (signal?: NodeJS.Signals) => {
    countIn();
    // `process.emit('SIGTERM')`: no signal came, and without us nothing would end.
    if (!signal) return;
    const isHandled = process.listenerCount(signal) !== shared.count + countOfVersion3();
    if (!isHandled || END_BY_CUSTOM.has(signal)) onSignal(signal);
    // Other copies of this version decide among themselves, and tell by afterExit.
    if (isHandled || shared.count > 1) return;
    end(signal);
    process.kill(process.pid, signal);
  };
  const end = (signal: NodeJS.Signals) => {
    stop();
    onEnd();
    // The kernel protects the first process of a container from signals that it does not handle, so the signal that is
    // sent again would not end it.
    if (process.pid === 1) process.exit(128 + constants.signals[signal]);
  };
  const afterExit = (_code: number | null, signal: NodeJS.Signals | null) => {
    if (signal) end(signal);
  };

  let listening = true;
  const listen = () => {
    if (!listening) return;
    for (const signal of WATCHED) {
      if (!process.listeners(signal).includes(listener)) process.prependListener(signal, listener);
    }
  };
  // `removeAllListeners` of the application's takes ours away as well, of which it knows nothing. Not at once: whoever is
  // in the middle of removing them is to find none left.
  const onRemoved = (_event: string | symbol, removed: unknown) => {
    if (removed === listener) process.nextTick(listen);
  };
  listen();
  process.on('removeListener', onRemoved);
  shared.on('afterExit', afterExit);
  const stop = () => {
    if (!listening) return;
    listening = false;
    countOut();
    shared.removeListener('afterExit', afterExit);
    process.off('removeListener', onRemoved);
    for (const signal of WATCHED) process.off(signal, listener);
  };
  return stop;
}
