import { withContext } from '@botaudit/api';
import { guard, handleOutbound, patchMethod } from '@botaudit/instrumentation';
import { discordCall } from '@botaudit/platform-discord';
import { contextOfAnswer } from './interactions.js';
import { FRAMEWORK, noteToken, scopeOfRest } from './scope.js';

/** The request that `REST.request` is about to hand on. */
let handedOn: unknown;

/** Audits the requests of every `REST`: those of clients, of webhooks, and of applications that use it alone. */
export function patchRest(prototype: object): void {
  patchMethod(prototype, 'setToken', (setToken) => {
    return function (this: unknown, ...args) {
      guard(FRAMEWORK, () => noteToken(this as object, args[0]));
      return Reflect.apply(setToken, this, args);
    };
  });
  // Retries, after a rate limit too, are made further in: a request is one action, however often it is sent.
  for (const name of ['request', 'queueRequest']) patchRequest(prototype, name);
}

function patchRequest(prototype: object, name: string): void {
  patchMethod(prototype, name, (method) => {
    return function (this: unknown, ...args) {
      const [request] = args;
      const next = (): unknown => {
        const outer = handedOn;
        handedOn = request;
        try {
          // Hands on before its first await, thus before any other code runs.
          return Reflect.apply(method, this, args);
        } finally {
          handedOn = outer;
        }
      };
      const outbound =
        request !== handedOn && guard(FRAMEWORK, () => discordCall(scopeOfRest(this as object), request));
      if (!outbound) return next();
      const context = guard(FRAMEWORK, () => contextOfAnswer(request));
      const audit = (): unknown => handleOutbound<unknown>(outbound, next);
      return context ? withContext(context, audit) : audit();
    };
  });
}
