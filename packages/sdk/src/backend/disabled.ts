import type { Decision } from '@botaudit/api';
import { NOTHING } from '../policy/policy.js';
import type { Backend } from './start.js';

/** Stands in when auditing is switched off: takes everything, keeps nothing. */
export class DisabledBackend implements Backend {
  readonly self = { id: 'unknown', type: 'service' } as const;

  decide(): Decision {
    return NOTHING;
  }

  write(): undefined {
    return undefined;
  }

  hashArguments(): undefined {
    return undefined;
  }

  announceFramework(): void {}

  announceBot(): void {}

  reportError(): void {}

  async shutdown(): Promise<void> {}
}
