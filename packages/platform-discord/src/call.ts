import type { BotScope, Outbound } from '@botaudit/instrumentation';
import { mapRequest } from './actions.js';
import { readAnswer } from './answer.js';
import { wholeRequest } from './content.js';

/**
 * What is to be told of a request that a bot is about to make, for `handleOutbound`.
 *
 * @param request as `@discordjs/rest` takes them: `{method, fullRoute, body, reason, …}`.
 * @returns `undefined` for what is no action, such as looking for the gateway.
 */
export function discordCall(bot: BotScope, request: unknown): Outbound<Promise<never>> | undefined {
  const action = mapRequest(request, bot);
  return (
    action && {
      bot,
      action,
      args: action.args,
      request: () => wholeRequest(request),
      refuse: (error) => Promise.reject(error),
      read: (settlement) => readAnswer(settlement, action),
    }
  );
}
