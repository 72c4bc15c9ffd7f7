import {
  AuditUnavailableError,
  type Decision,
  type EventQuery,
  type Occurrence,
  type OccurrenceQuery,
} from '@botaudit/api';
import type { Policy } from '../policy/policy.js';
import type { Backend } from './start.js';

/** Stands in where auditing could not be started and a policy has it fail closed: decides as ever, and can't write. */
export class UnavailableBackend implements Backend {
  readonly self = { id: 'unknown', type: 'service' } as const;
  readonly #policy: Policy;
  readonly #cause: unknown;

  /** @param cause why auditing could not be started. */
  constructor(policy: Policy, cause: unknown) {
    this.#policy = policy;
    this.#cause = cause;
  }

  decide({ name, framework, platform, chatType, actor }: EventQuery): Decision {
    return this.#policy.decide(name, framework, platform, chatType, actor);
  }

  write(): never {
    throw this.#unavailable();
  }

  /** What is to happen once does not happen: nobody can tell whether it did. */
  occurrence({ onDuplicate }: OccurrenceQuery): Occurrence {
    return {
      refused: onDuplicate === 'block' ? this.#unavailable() : undefined,
      recorded: () => {},
      ended: () => {},
    };
  }

  #unavailable(): AuditUnavailableError {
    return new AuditUnavailableError('Auditing could not be started', { cause: this.#cause, passing: false });
  }

  hashArguments(): undefined {
    return undefined;
  }

  announceFramework(): void {}

  announceBot(): void {}

  reportError(): void {}

  async shutdown(): Promise<void> {}
}
