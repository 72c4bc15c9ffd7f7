import { auditInstrumentation } from '@botaudit/instrumentation/otel';
import { SLACK_BOLT_MODULES } from './modules.js';

/**
 * Audits apps made with Bolt for Slack 4.x and 5.x, and clients of `@slack/web-api` used without it: what reaches apps,
 * what they do, and their life. For those who register instrumentations by code; with the preload flag nothing of this
 * is needed.
 */
export class SlackBoltInstrumentation extends auditInstrumentation(
  '@botaudit/instrumentation-slack-bolt',
  SLACK_BOLT_MODULES,
) {}
