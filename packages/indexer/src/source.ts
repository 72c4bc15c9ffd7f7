/**
 * Where records come from. It hands them to an `Intake`, and tells whoever sent them that they are stored only after the
 * intake's acceptance is done: a receiver by its answer, a consumer by moving its offset.
 */
export interface Source {
  /** Whether records can come in now. */
  readonly works: boolean;
  /** Begins to take records. Rejects when it can't. */
  start(): Promise<void>;
  /** Takes no more records from now on; resolves once nobody waits for an answer any longer. */
  stop(): Promise<void>;
  /** Ends at once: what waits stays with its sender. */
  abort(): void;
}
