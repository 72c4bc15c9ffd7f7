import { auditOutbound, read, watchMethod } from '@botaudit/instrumentation';
import { slackReply } from '@botaudit/platform-slack';
import { adoptToken, FRAMEWORK, identities } from './scope.js';

/** Events whose listeners were reached; each passes through several chains of them. */
const reached = new WeakSet<object>();

/**
 * Patches the function by which apps run their middleware and listeners: there it is known whom the app acts for, and
 * what listeners are given to answer with beside the client.
 */
export function patchMiddleware(exports: object): void {
  watchMethod(exports, 'default', FRAMEWORK, (_, [, listenerArgs, context]) => {
    if (typeof context !== 'object' || context === null || reached.has(context)) return;
    reached.add(context);
    reachListeners(listenerArgs as object, context);
  });
}

function reachListeners(listenerArgs: object, context: object): void {
  const [body, botUserId] = [read(listenerArgs, 'body'), read(context, 'botUserId')];
  adoptToken(read(context, 'botToken'), botUserId);
  adoptToken(read(context, 'functionBotAccessToken'), botUserId);
  // Not `userId`: it is whoever acts, unless the application says otherwise, and the token may be of whoever installed it.
  adoptToken(read(context, 'userToken'));
  identities.learnInstallation(body, botUserId);
  for (const reply of ['respond', 'ack'] as const) {
    auditOutbound(listenerArgs, reply, FRAMEWORK, (_, [answer]) => {
      const bot = identities.scope(FRAMEWORK, identities.idOfBody(body));
      return { outbound: slackReply(bot, reply, answer, body) };
    });
  }
}
