import { guard, handleOutbound, observe, patchMethod, read } from '@botaudit/instrumentation';
import { slackCall } from '@botaudit/platform-slack';
import { CLIENT_ALONE, identities, scopeOfClient } from './scope.js';

/** Clients that ask who they are, and when they have been told. */
const asking = new WeakMap<object, Promise<void>>();

/** Settles when a client that asks who it is has been told, or has not; `undefined` where it doesn't ask. */
export function told(client: unknown): Promise<void> | undefined {
  return typeof client === 'object' && client !== null ? asking.get(client) : undefined;
}

/** Audits the calls of every client, of apps and of those who use it alone; retries of a call are part of it. */
export function patchClient(prototype: object): void {
  patchMethod(prototype, 'apiCall', (apiCall) => {
    return function (this: unknown, ...args) {
      const call = (): unknown => Reflect.apply(apiCall, this, args);
      const [method, options] = args;
      if (typeof method !== 'string') return call();
      const client = this as object;
      if (method === 'auth.test') return learnIdentity(client, options, call());
      const outbound = guard(CLIENT_ALONE, () => slackCall(scopeOfClient(client, options), method, options));
      if (!outbound) return call();
      const called = handleOutbound<unknown>(outbound, call);
      return method === 'oauth.v2.access' ? learnInstallation(called) : called;
    };
  });
}

/** The answer to `auth.test` tells whom a token acts for. */
function learnIdentity(client: object, options: unknown, called: unknown): unknown {
  const token = read(options, 'token') ?? read(client, 'token');
  const { promise, resolve } = Promise.withResolvers<void>();
  asking.set(client, promise);
  return observe(called, (settlement) => {
    guard(CLIENT_ALONE, () => {
      if (settlement.status !== 'fulfilled') return;
      identities.learn(token, read(settlement.value, 'user_id'), read(settlement.value, 'user'));
    });
    resolve();
  });
}

/** So does the answer that brings a new one. */
function learnInstallation(called: unknown): unknown {
  return observe(called, (settlement) => {
    if (settlement.status !== 'fulfilled') return;
    guard(CLIENT_ALONE, () => {
      identities.learn(read(settlement.value, 'access_token'), read(settlement.value, 'bot_user_id'));
    });
  });
}
