import { auditInstrumentation } from '@botaudit/instrumentation/otel';
import { GRAMMY_MODULES } from './modules.js';

/**
 * Audits bots made with grammY 1.x: what reaches them, what they do, and their life. For those who register
 * instrumentations by code; with the preload flag nothing of this is needed.
 */
export class GrammyInstrumentation extends auditInstrumentation('@botaudit/instrumentation-grammy', GRAMMY_MODULES) {}
