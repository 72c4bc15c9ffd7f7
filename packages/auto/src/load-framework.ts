import { createRequire } from 'node:module';
import type { AuditedModule } from '@botaudit/instrumentation';
import type { Framework } from './known-modules.js';

/** Loads at once, which `import()` can't. */
const load = createRequire(import.meta.url);

/** What is patched in the modules of a framework. Loaded when the framework is, and not before. */
export function loadFramework(framework: Framework): readonly AuditedModule[] {
  return (load(`./frameworks/${framework}.js`) as { readonly MODULES: readonly AuditedModule[] }).MODULES;
}
