import { auditInstrumentation } from '@botaudit/instrumentation/otel';
import { TELEGRAF_MODULES } from './modules.js';

/**
 * Audits bots made with Telegraf 4.x: what reaches them, what they do, and their life. For those who register
 * instrumentations by code; with the preload flag nothing of this is needed.
 */
export class TelegrafInstrumentation extends auditInstrumentation(
  '@botaudit/instrumentation-telegraf',
  TELEGRAF_MODULES,
) {}
