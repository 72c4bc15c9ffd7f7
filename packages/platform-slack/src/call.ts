import type { ActionResult, BotScope, Outbound, Settlement } from '@botaudit/instrumentation';
import { mapCall } from './actions.js';
import { readAnswer } from './answer.js';
import { wholeCall } from './content.js';

/**
 * What is to be told of a call of the Web API that a bot is about to make, for `handleOutbound`.
 *
 * @returns `undefined` for what is no action, such as asking who one is.
 */
export function slackCall(bot: BotScope, method: string, args: unknown): Outbound<Promise<never>> | undefined {
  const action = mapCall(method, args, bot);
  if (!action) return undefined;
  return {
    bot,
    action,
    args,
    request: () => wholeCall(method, args),
    refuse: (error) => Promise.reject(error),
    read: (settlement: Settlement): ActionResult => readAnswer(settlement, action, args),
  };
}
