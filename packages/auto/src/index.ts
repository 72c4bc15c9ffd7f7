import { patchModule } from '@botaudit/instrumentation';
import { GRAMMY_MODULES } from '@botaudit/instrumentation-grammy/modules';
import { startAuditing } from './audit.js';
import { noteAudit } from './idle.js';

/** Namespaces of frameworks, as the bot imports them. */
export interface Frameworks {
  /** `import * as grammy from 'grammy'`. */
  readonly grammy?: object | undefined;
}

/**
 * Audits frameworks that were bundled into one file with the bot, where the preload flag can't see them. Call it before
 * bots are made. A wrong configuration ends the process with exit code 78. Never throws.
 */
export function instrument(frameworks: Frameworks): void {
  noteAudit();
  startAuditing();
  for (const audited of GRAMMY_MODULES) {
    if (audited.module === 'grammy') patchModule(audited, frameworks.grammy, undefined);
  }
}
