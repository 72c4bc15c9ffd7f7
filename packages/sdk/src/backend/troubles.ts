import { eventDefinition } from '@botaudit/record';
import type { MetricSink } from '../metrics/index.js';
import type { Refused } from './refusals.js';
import type { Say } from './say.js';

/** Kinds of trouble that people are told of; what makes up new ones without end must not fill the memory. */
const MAX_SAID = 100;

/** Counts what goes wrong, and tells people of each kind once. Never throws. */
export class Troubles {
  readonly #metrics: MetricSink;
  readonly #say: Say;
  readonly #said = new Set<string>();

  constructor(metrics: MetricSink, say: Say) {
    this.#metrics = metrics;
    this.#say = say;
  }

  /** Records are lost. */
  lost(reason: string, records: number): void {
    this.#metrics.add('audit_records_dropped_total', { reason }, records);
    const told = 'how many will be on record when writing works again';
    this.sayOnce(`lost.${reason}`, `RECORDS ARE BEING LOST (${reason}); ${told}`);
  }

  /** Records are written and could not be synced to the disk. */
  unsynced(reason: string, records: number): void {
    this.#metrics.add('audit_records_unsynced_total', { reason }, records);
    this.sayOnce(
      `unsynced.${reason}`,
      `THE DISK DOES NOT KEEP WHAT IS WRITTEN (${reason}); how many records may not survive the loss of power is on record`,
    );
  }

  /** Something that fails closed was kept from happening. */
  refused({ event, framework = '', reason }: Refused): void {
    const known = eventDefinition(event) ? event : 'other';
    this.#metrics.add('audit_actions_refused_total', { framework, event: known, reason });
    this.sayOnce(
      `refused.${known}.${reason}`,
      `${event} IS REFUSED (${reason}): it fails closed and can't be recorded`,
    );
  }

  /** Something was kept from happening, since it is to happen once and nobody can tell whether it did. */
  undecided({ event, framework = '', reason }: Omit<Refused, 'times'>): void {
    const known = eventDefinition(event) ? event : 'other';
    this.#metrics.add('audit_actions_refused_total', { framework, event: known, reason });
    this.sayOnce(
      `undecided.${known}.${reason}`,
      `${event} IS REFUSED (${reason}): it is to happen once, and it can't be told whether it did`,
    );
  }

  /** An error inside audit code was kept from the bot. */
  error(source: string, error: unknown): void {
    this.#metrics.add('audit_instrumentation_errors_total', { source });
    this.sayOnce(`error.${source}`, `${source}: ${textOf(error)} (kept from the bot; more of these are only counted)`);
  }

  sayOnce(what: string, message: string): void {
    if (this.#said.has(what) || this.#said.size >= MAX_SAID) return;
    this.#said.add(what);
    this.#say(message);
  }
}

/** For whoever reads stderr: where in our code it happened. */
function textOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
