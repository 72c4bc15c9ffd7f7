import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditUnavailableError } from '@botaudit/api';

/** How an update is held that its bot fetched itself, and that nobody delivers again by himself. */
export interface Hold {
  /** Whether the bot still takes updates; one that is held is given up when it does not. */
  readonly isActive: () => boolean;
  /**
   * Sees to it that the platform does not take the update for delivered while it is held, where that is possible.
   *
   * @returns what has it taken for delivered again: the update is about to be handled.
   */
  readonly putBack?: (() => () => void) | undefined;
}

const FIRST_PAUSE_MS = 250;
/** After this long grammY asks again for updates, and it is soon enough for a disk. */
const LONGEST_PAUSE_MS = 3_000;
/** How soon the end of the bot is noticed. */
const SLICE_MS = 250;

/**
 * Holds an update that can't be recorded and must not be handled unrecorded: tries again, with growing pauses, until it
 * can be, or the bot stops, or nothing will change by itself. The platform keeps what comes after it meanwhile.
 *
 * @param refused why it could not be recorded.
 * @param attempt tries to record and handle it; has to call `refuse` before it returns when it can't.
 * @param giveUp says what becomes of it when it is given up.
 */
export async function holdUpdate<T>(
  { isActive, putBack }: Hold,
  refused: AuditUnavailableError,
  attempt: (refuse: (error: AuditUnavailableError) => undefined) => T,
  giveUp: (error: AuditUnavailableError) => T,
): Promise<Awaited<T> | undefined> {
  let reason: AuditUnavailableError | undefined = refused;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const deliver = putBack?.();
    // An error of another copy of the api package may not say it.
    if (reason.passing !== false) await wait(pause, isActive);
    if (reason.passing === false || !isActive()) return await giveUp(reason);
    deliver?.();
    reason = undefined;
    const result = attempt((error) => {
      reason = error;
    });
    if (!reason) return await result;
  }
}

async function wait(ms: number, isActive: () => boolean): Promise<void> {
  for (let waited = 0; waited < ms && isActive(); waited += SLICE_MS) await sleep(Math.min(SLICE_MS, ms - waited));
}
