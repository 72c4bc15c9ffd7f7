import { auditOutbound, watchMethod } from '@botaudit/instrumentation';
import { contextOfAnswer, discordCall } from '@botaudit/platform-discord';
import { FRAMEWORK, noteToken, scopeOfRest } from './scope.js';

/** The request that `REST.request` is about to hand on. */
let handedOn: unknown;

/** Audits the requests of every `REST`: those of clients, of webhooks, and of applications that use it alone. */
export function patchRest(prototype: object): void {
  watchMethod(prototype, 'setToken', FRAMEWORK, (rest, [token]) => noteToken(rest, token));
  // Retries, after a rate limit too, are made further in: a request is one action, however often it is sent.
  for (const name of ['request', 'queueRequest']) {
    auditOutbound(prototype, name, FRAMEWORK, (rest, [request]) => {
      if (request === handedOn) return undefined;
      return {
        outbound: discordCall(scopeOfRest(rest), request),
        context: contextOfAnswer(request),
        run: (method) => handingOn(request, method),
      };
    });
  }
}

/** It hands on before its first await, thus before any other code runs. */
function handingOn(request: unknown, method: () => unknown): unknown {
  const outer = handedOn;
  handedOn = request;
  try {
    return method();
  } finally {
    handedOn = outer;
  }
}
