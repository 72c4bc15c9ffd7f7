import { auditInstrumentation } from '@botaudit/instrumentation/otel';
import { DISCORDJS_MODULES } from './modules.js';

/**
 * Audits bots made with discord.js 14.x, or with `@discordjs/rest` alone: what reaches them, what they do, and their
 * life. For those who register instrumentations by code; with the preload flag nothing of this is needed.
 */
export class DiscordInstrumentation extends auditInstrumentation(
  '@botaudit/instrumentation-discord.js',
  DISCORDJS_MODULES,
) {}
