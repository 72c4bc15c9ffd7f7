import { type Actor, type AuditBackend, activeContext, chatTypeOf, type Decision } from '@botaudit/api';
import type { BotScope } from './bot-scope.js';
import { guard } from './guard.js';

/** What of an event a policy may ask for beside its name and where it comes from. */
export interface Case {
  /** Default: who acts in the current context, else the service itself. */
  readonly actor?: Actor | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** Asks the policy about an event as it would be written now. `undefined` when that failed: it goes on unaudited. */
export function decide(backend: AuditBackend, bot: BotScope, name: string, about: Case = {}): Decision | undefined {
  return guard(bot.framework, () => {
    const context = activeContext();
    return backend.decide({
      name,
      framework: bot.framework,
      platform: bot.platform,
      chatType: chatTypeOf(about.attributes, context),
      actor: about.actor ?? context?.actor ?? backend.self,
    });
  });
}
