/** What a check came to. `skipped`: it was not tried, since one before it failed. */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** What was seen. */
export interface Finding {
  readonly status: CheckStatus;
  /** In one line, for a person. */
  readonly detail: string;
  /** What to do about it. */
  readonly next?: string | undefined;
}

/** A check that was made. */
export interface Check extends Finding {
  readonly name: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

export const ok = (detail: string): Finding => ({ status: 'ok', detail });
export const warning = (detail: string, next: string): Finding => ({ status: 'warning', detail, next });
export const failed = (detail: string, next: string): Finding => ({ status: 'failed', detail, next });

/**
 * Makes a check. What it throws is its failure.
 *
 * @param next what to do about that.
 */
export async function check(
  name: string,
  look: () => Finding | Promise<Finding>,
  next = 'the error says what is wrong; if it does not, report it',
): Promise<Check> {
  const started = performance.now();
  let finding: Finding;
  try {
    finding = await look();
  } catch (error) {
    finding = failed((error as Error).message.replaceAll(/\s*\n\s*/g, ' '), next);
  }
  return { name, ms: performance.now() - started, ...finding };
}

/** A check that makes no sense before another one succeeds. */
export function skip(name: string, after: string): Check {
  return { name, ms: 0, status: 'skipped', detail: `not tried: ${after} comes first` };
}
