import { isSupported, supportedText } from '@botaudit/instrumentation';
import { FRAMEWORKS } from './known-modules.js';
import { loadFramework } from './load-framework.js';

/** A module that is audited, and which versions of it. */
export interface SupportedModule {
  /** As it is imported, e.g. `grammy`. */
  readonly module: string;
  /** Whether it is a framework of its own, and no plugin or other part of one. */
  readonly isFramework: boolean;
  /** For a reader: `>=1.7.1 <2.0.0`. */
  readonly versions: string;
  readonly supports: (version: string) => boolean;
}

/** All modules that are audited. Loads what audits them: for tools, not for a bot. */
export function supportedModules(): SupportedModule[] {
  return FRAMEWORKS.flatMap(loadFramework).map(({ module, framework, supported }) => ({
    module,
    isFramework: framework !== undefined,
    versions: supportedText(supported),
    supports: (version) => isSupported(supported, version),
  }));
}
