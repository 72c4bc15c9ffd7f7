import { guard, handleOutbound, type Outbound, patchMethod, read } from '@botaudit/instrumentation';
import { mapAck, mapRespond, readAck, readRespond } from '@botaudit/platform-slack';
import { adoptToken, FRAMEWORK, identities } from './scope.js';

/** Events whose listeners were reached; each passes through several chains of them. */
const reached = new WeakSet<object>();

/**
 * Patches the function by which apps run their middleware and listeners: there it is known whom the app acts for, and
 * what listeners are given to answer with beside the client.
 */
export function patchMiddleware(exports: object): void {
  patchMethod(exports, 'default', (processMiddleware) => {
    return function (this: unknown, ...args) {
      const [, listenerArgs, context] = args;
      guard(FRAMEWORK, () => {
        if (typeof context !== 'object' || context === null || reached.has(context)) return;
        reached.add(context);
        reachListeners(listenerArgs as object, context);
      });
      return Reflect.apply(processMiddleware, this, args);
    };
  });
}

function reachListeners(listenerArgs: object, context: object): void {
  const [body, botUserId] = [read(listenerArgs, 'body'), read(context, 'botUserId')];
  adoptToken(read(context, 'botToken'), botUserId);
  adoptToken(read(context, 'functionBotAccessToken'), botUserId);
  // Not `userId`: it is whoever acts, unless the application says otherwise, and the token may be of whoever installed it.
  adoptToken(read(context, 'userToken'));
  identities.learnInstallation(body, botUserId);
  auditReply(listenerArgs, 'respond', body, (message) => ({ action: mapRespond(message, body), read: readRespond }));
  auditReply(listenerArgs, 'ack', body, (answer) => {
    const action = mapAck(answer, body);
    return action && { action, read: readAck };
  });
}

/** What is to be told of an answer; `undefined` where it says nothing. */
type MapReply = (answer: unknown) => Pick<Outbound<unknown>, 'action' | 'read'> | undefined;

function auditReply(listenerArgs: object, name: 'respond' | 'ack', body: unknown, map: MapReply): void {
  patchMethod(listenerArgs, name, (reply) => {
    return function (this: unknown, ...args) {
      const next = (): unknown => Reflect.apply(reply, this, args);
      const told = guard(FRAMEWORK, () => map(args[0]));
      if (!told) return next();
      const bot = identities.scope(FRAMEWORK, identities.idOfBody(body));
      return handleOutbound<unknown>({ ...told, bot, args: args[0], refuse: (error) => Promise.reject(error) }, next);
    };
  });
}
