import process from 'node:process';

/** The part of `process` that leads to its end and is not in its types. */
interface Exiting {
  emit: (event: string, ...args: unknown[]) => boolean;
  reallyExit: (code?: number) => never;
}

/**
 * Calls `onEnd` at the end of the process, after the application's own `exit` listeners, so that what they do is recorded
 * too; whenever those were added. It wraps the same two functions of `process` as signal-exit does, which would set an
 * exit code where there is none, and turn the 1 of an exit listener that throws into 0.
 *
 * @returns `begun`: whether the `exit` event has begun; `stop`: takes it all away again.
 */
export function watchExitEvent(onEnd: () => void): { readonly begun: boolean; stop(): void } {
  const exiting = process as unknown as Exiting;
  const { emit, reallyExit } = exiting;
  let begun = false;
  let wrapped = false;

  const ownEmit: Exiting['emit'] = (event, ...args) => {
    if (event !== 'exit') return Reflect.apply(emit, process, [event, ...args]);
    begun = true;
    wrapped = true;
    // A listener that throws leads on to uncaughtExceptionMonitor, which is to come before the end.
    const result = Reflect.apply(emit, process, [event, ...args]);
    onEnd();
    return result;
  };
  // An exit listener may call process.exit(), from which there is no return.
  const ownReallyExit: Exiting['reallyExit'] = (code) => {
    onEnd();
    return Reflect.apply(reallyExit, process, [code]);
  };
  // Somebody else who wraps may, when they stop, put back what was there before us.
  const listener = () => {
    begun = true;
    if (!wrapped) onEnd();
  };
  exiting.emit = ownEmit;
  exiting.reallyExit = ownReallyExit;
  process.on('exit', listener);
  return {
    get begun() {
      return begun;
    },
    stop() {
      process.off('exit', listener);
      // Where somebody has wrapped ours since, it stays below theirs.
      if (exiting.emit === ownEmit) exiting.emit = emit;
      if (exiting.reallyExit === ownReallyExit) exiting.reallyExit = reallyExit;
    },
  };
}
