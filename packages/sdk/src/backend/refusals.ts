import type { AuditEvent } from '@botaudit/api';
import { ATTR_BOT_FRAMEWORK } from '@botaudit/record';

/** Events that were kept from happening, or from being handled, all of one kind. */
export interface Refused {
  readonly event: string;
  /** `undefined` for an event of the application's own. */
  readonly framework: string | undefined;
  /** Code of what kept it from being recorded, e.g. `ENOSPC`. */
  readonly reason: string;
  times: number;
}

/** Kinds that are told apart; an application can make up names of events without end. */
const MAX_KINDS = 100;

/** What did not happen since it could not be recorded, until that is on the chain. */
export class Refusals {
  readonly #byKind = new Map<string, Refused>();
  #since: Date | undefined;
  #until: Date | undefined;

  get isEmpty(): boolean {
    return this.#since === undefined;
  }

  /** How often something was refused since the last report. */
  get count(): number {
    return [...this.#byKind.values()].reduce((sum, { times }) => sum + times, 0);
  }

  add({ name, attributes }: AuditEvent, reason: string): Refused {
    const framework = attributes?.[ATTR_BOT_FRAMEWORK];
    const kind = { event: name, framework: typeof framework === 'string' ? framework : undefined, reason };
    const key = JSON.stringify(kind);
    const known = this.#byKind.get(key);
    const refused = known ?? { ...kind, times: 0 };
    if (!known && this.#byKind.size >= MAX_KINDS) return this.#other(refused);
    this.#count(key, refused);
    return refused;
  }

  /** The body of `audit.actions.refused`. */
  body(): Readonly<Record<string, unknown>> {
    return { refused: [...this.#byKind.values()], since: this.#since, until: this.#until };
  }

  /** What has been counted up to now is on the chain. */
  told(): void {
    this.#byKind.clear();
    this.#since = undefined;
    this.#until = undefined;
  }

  #other(refused: Refused): Refused {
    const { reason } = refused;
    this.#count(reason, this.#byKind.get(reason) ?? { event: 'other', framework: undefined, reason, times: 0 });
    return refused;
  }

  #count(key: string, refused: Refused): void {
    refused.times++;
    this.#byKind.set(key, refused);
    this.#until = new Date();
    this.#since ??= this.#until;
  }
}
