import { createRequire } from 'node:module';
import type { ProtectionConfig } from '../config/protection-config.js';
import type { PolicyRule } from '../policy/rule.js';
import type { ConfiguredPrivacy } from './configured-privacy.js';

/** Where protection beyond the removal of secrets comes from. Most processes ask for none, and nothing of it is loaded. */
export class PrivacySource {
  /** Whether it is asked for, whatever a rule of the policy says. */
  readonly isGeneral: boolean;
  readonly #config: ProtectionConfig;
  #loaded: ConfiguredPrivacy | undefined;

  constructor(config: ProtectionConfig) {
    this.#config = config;
    this.isGeneral = config.detect.length > 0 || Object.keys(config.fields).length > 0;
  }

  /** Whether it is asked for at all, by what is said for all events or by a rule of the policy. */
  isAskedBy(rules: readonly PolicyRule[]): boolean {
    return this.isGeneral || rules.some(({ fields }) => fields !== undefined);
  }

  /** Reads the keys when it is first called. Never throws for a key. */
  load(): ConfiguredPrivacy {
    if (!this.#loaded) {
      // At once, which import() can't; by a name that a bundle has as well.
      const { configuredPrivacy } = createRequire(import.meta.url)(
        '#privacy',
      ) as typeof import('./configured-privacy.js');
      this.#loaded = configuredPrivacy(this.#config);
    }
    return this.#loaded;
  }
}
