import type { Verdict } from './answer.js';
import type { Settled } from './endpoint.js';

/** A request that was refused. */
export interface Refusal {
  /** The records in it. */
  readonly lines: readonly string[];
  readonly verdict: Extract<Verdict, { kind: 'refused' }>;
}

/**
 * Sends records in as few requests as it takes: what is refused is sent again in halves, until the records at fault
 * stand alone. Gives every refusal, those of single records among them, before it sends on.
 */
export async function* refusals(
  lines: readonly string[],
  send: (part: readonly string[]) => Promise<Settled>,
): AsyncGenerator<Refusal, void, undefined> {
  const parts = [lines];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const verdict = await send(part);
    if (verdict.kind === 'accepted') continue;
    if (part.length > 1) {
      const half = part.length >> 1;
      parts.push(part.slice(half), part.slice(0, half));
    }
    yield { lines: part, verdict };
  }
}
