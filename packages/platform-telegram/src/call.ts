import type { ActionResult, BotScope, Outbound, Settlement } from '@botaudit/instrumentation';
import { read } from '@botaudit/instrumentation';
import { ATTR_BOT_API_WEBHOOK_REPLY } from '@botaudit/record';
import { mapCall } from './actions.js';
import { readAnswer } from './answer.js';
import { describeParts } from './content.js';
import { nameBot } from './scope.js';

/** What a framework knows of a call beside its method and arguments. */
export interface CallDetails {
  /**
   * Turns how the framework's call ended into how the platform's did: fulfilled with the Bot API's own answer,
   * `{ok, result}` or `{error_code, description}`, or rejected with an error made on the way. Default: it is that.
   */
  readonly answer?: ((settlement: Settlement) => Settlement) | undefined;
  /** Whether the call was answered to a webhook instead of being made. Asked when it has ended. */
  readonly replied?: (() => boolean) | undefined;
}

/**
 * What is to be told of a call of the Bot API that a bot is about to make, for `handleOutbound`.
 *
 * @returns `undefined` for what is no action, such as polling.
 */
export function telegramCall(
  bot: BotScope,
  method: string,
  args: unknown,
  { answer, replied }: CallDetails = {},
): Outbound<Promise<never>> | undefined {
  const action = mapCall(method, args, bot);
  if (!action) return undefined;
  return {
    bot,
    action,
    args,
    describe: describeParts,
    refuse: (error) => Promise.reject(error),
    read(settlement): ActionResult {
      const ended = answer ? answer(settlement) : settlement;
      const response = ended.status === 'fulfilled' ? ended.value : undefined;
      const result = { ...readAnswer(ended, action), response };
      if (replied?.()) return { ...result, outcome: 'unknown', attributes: { [ATTR_BOT_API_WEBHOOK_REPLY]: true } };
      if (action.method === 'getMe' && ended.status === 'fulfilled') nameBot(bot, read(ended.value, 'result'));
      return result;
    },
  };
}
