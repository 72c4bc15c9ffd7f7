/** Something that goes on until it is told to stop. */
export interface Stop {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, or by {@link abort}. */
  readonly signal: AbortSignal;
  readonly abort: () => void;
}

/**
 * Takes Ctrl-C and its like as the ordinary end of what would otherwise go on for ever. Only the first one: a second
 * ends the process as usual, should the first have had no effect.
 */
export function stopSignal(): Stop {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, abort);
  return { signal: controller.signal, abort };
}
