import { type AuditedModule, VERSION } from '@botaudit/instrumentation';
import { AuditInstrumentation } from '@botaudit/instrumentation/otel';
import { SLACK_BOLT_MODULES } from './modules.js';

/**
 * Audits apps made with Bolt for Slack 4.x and 5.x, and clients of `@slack/web-api` used without it: what reaches apps,
 * what they do, and their life. For those who register instrumentations by code; with the preload flag nothing of this
 * is needed.
 */
export class SlackBoltInstrumentation extends AuditInstrumentation {
  constructor() {
    super('@botaudit/instrumentation-slack-bolt', VERSION, {});
  }

  protected override modules(): readonly AuditedModule[] {
    return SLACK_BOLT_MODULES;
  }
}
