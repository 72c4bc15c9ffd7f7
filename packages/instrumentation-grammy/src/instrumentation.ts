import { type AuditedModule, VERSION } from '@botaudit/instrumentation';
import { AuditInstrumentation } from '@botaudit/instrumentation/otel';
import { GRAMMY_MODULES } from './modules.js';

/**
 * Audits bots made with grammY 1.x: what reaches them, what they do, and their life. For those who register
 * instrumentations by code; with the preload flag nothing of this is needed.
 */
export class GrammyInstrumentation extends AuditInstrumentation {
  constructor() {
    super('@botaudit/instrumentation-grammy', VERSION, {});
  }

  protected override modules(): readonly AuditedModule[] {
    return GRAMMY_MODULES;
  }
}
