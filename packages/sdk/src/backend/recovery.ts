import { setTimeout } from 'node:timers';
import { type AdoptableStream, Adoption, adoptable, type Recovery, recoverySteps } from '@botaudit/journal';

/** What is needed to report the streams of processes that died. */
export interface RecoveryOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** Stream of this thread; reports nobody else has made are made in it. */
  readonly own: string;
  readonly groupRead: boolean;
  /** Appends the report. @returns whether it was appended. */
  readonly report: (recovery: Recovery) => boolean;
}

/**
 * Looks at the streams whose writer died and reports each once: where it ends, and which actions are without an outcome.
 * Works in small steps between other things, and keeps no process alive. Never throws.
 */
export function recoverDeadStreams(options: RecoveryOptions): void {
  soon(() => next(options, candidates(options)));
}

/** A timer, since an immediate that keeps no process alive does not run in an idle one. */
function soon(task: () => void): void {
  setTimeout(task, 0).unref();
}

function candidates({ directory, own }: RecoveryOptions): AdoptableStream[] {
  try {
    return adoptable(directory).filter(({ streamId, unrecovered }) => unrecovered && streamId !== own);
  } catch {
    // What can't be listed now is found by the next heartbeat, or the next start.
    return [];
  }
}

function next(options: RecoveryOptions, streams: AdoptableStream[]): void {
  const stream = streams.shift();
  if (!stream) return;
  const goOn = () => soon(() => next(options, streams));
  const adoption = adopt(stream, options);
  // Somebody else has it: a process that reports it, or a shipper, after which it is found again.
  if (!adoption) return goOn();
  const steps = recoverySteps(stream);
  const step = () => {
    try {
      const { done, value } = steps.next();
      if (!done) return soon(step);
      if (value.closed || options.report(value)) {
        adoption.recovered({ streamId: options.own }, { groupRead: options.groupRead });
      }
    } catch {
      // It can't be read, or the mark not be made: it is found again.
    }
    adoption.release();
    goOn();
  };
  step();
}

function adopt(stream: AdoptableStream, { groupRead }: RecoveryOptions): Adoption | undefined {
  try {
    return Adoption.take(stream, { groupRead });
  } catch {
    return undefined; // Its folder can't be written: it is not ours to report.
  }
}
