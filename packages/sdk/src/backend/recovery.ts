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
 * Works in small steps between other things, and keeps no process alive. Never rejects.
 */
export async function recoverDeadStreams(options: RecoveryOptions): Promise<void> {
  await pause();
  for (const stream of candidates(options)) {
    const adoption = adopt(stream, options);
    // Where somebody else has it, a process that reports it or a shipper, it is found again if need be.
    if (!adoption) continue;
    try {
      const recovery = await read(stream);
      if (recovery.closed || options.report(recovery)) {
        adoption.recovered({ streamId: options.own }, { groupRead: options.groupRead });
      }
    } catch {
      // It can't be read, or the mark not be made: it is found again.
    }
    adoption.release();
  }
}

async function read(stream: AdoptableStream): Promise<Recovery> {
  const steps = recoverySteps(stream);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await pause();
  }
}

/** A timer, since an immediate that keeps no process alive does not run in an idle one. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0).unref();
  });
}

function candidates({ directory, own }: RecoveryOptions): AdoptableStream[] {
  try {
    return adoptable(directory).filter(({ streamId, unrecovered }) => unrecovered && streamId !== own);
  } catch {
    // What can't be listed now is found by the next heartbeat, or the next start.
    return [];
  }
}

function adopt(stream: AdoptableStream, { groupRead }: RecoveryOptions): Adoption | undefined {
  try {
    return Adoption.take(stream, { groupRead });
  } catch {
    return undefined; // Its folder can't be written: it is not ours to report.
  }
}
