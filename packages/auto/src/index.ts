import { patchModule } from '@botaudit/instrumentation';
import { startAuditing } from './audit.js';
import { noteAudit } from './idle.js';
import { frameworkOf, type ModuleName } from './known-modules.js';
import { loadFramework } from './load-framework.js';

/** Namespaces of frameworks, as the bot imports them: `{ grammy }` after `import * as grammy from 'grammy'`. */
export type Frameworks = { readonly [Name in ModuleName]?: object | undefined };

/**
 * Audits frameworks that were bundled into one file with the bot, where the preload flag can't see them. Call it before
 * bots are made. A wrong configuration ends the process with exit code 78. Never throws.
 */
export function instrument(frameworks: Frameworks): void {
  noteAudit();
  startAuditing();
  for (const name of Object.keys(frameworks) as ModuleName[]) {
    for (const audited of loadFramework(frameworkOf(name))) {
      if (audited.module === name) patchModule(audited, frameworks[name], undefined);
    }
  }
}
