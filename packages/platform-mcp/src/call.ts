import { AuditUnavailableError } from '@botaudit/api';
import {
  type ActionResult,
  type Outbound,
  type OutboundAction,
  read,
  type Settlement,
} from '@botaudit/instrumentation';
import { askerOf } from './asker.js';
import { answerContent, describeParts } from './content.js';
import { argumentsOf } from './methods.js';
import { readSent, readServed } from './outcome.js';
import type { Side } from './scope.js';

/** What is to be told of a request, for `handleOutbound`. */
type Request = Outbound<Promise<never>>;

/**
 * What is to be told of a request that is about to be sent.
 *
 * @param options its `signal` cancels it.
 * @param isConnected whether there is somebody to send it to.
 */
export function sentRequest(
  { scope }: Side,
  action: OutboundAction,
  request: unknown,
  options: unknown,
  isConnected: boolean,
): Request {
  const unsent = isAborted(options) ? 'cancelled' : isConnected ? undefined : 'not_connected';
  return {
    bot: scope,
    action,
    ...askedFor(request),
    read: (settlement) => told(action, settlement, readSent(settlement, isAborted(options), unsent)),
    refuse: (error) => Promise.reject(error),
  };
}

/**
 * What is to be told of a request that is about to be carried out. Why it may not be, where it can't be recorded, is none
 * of the other side's business.
 *
 * @param extra what a handler is given beside the request: `authInfo`, `signal`.
 */
export function servedRequest({ scope }: Side, action: OutboundAction, request: unknown, extra: unknown): Request {
  const asker = askerOf(request, extra);
  return {
    bot: scope,
    action: { ...action, attributes: { ...action.attributes, ...asker.attributes } },
    ...askedFor(request),
    asker,
    read: (settlement) => told(action, settlement, readServed(settlement, isAborted(extra))),
    refuse: (cause) =>
      Promise.reject(new AuditUnavailableError('Refused, since it could not be put on record', { cause })),
  };
}

/** What a request asks for: what is hashed of it, and what is recorded at the level `full`. */
function askedFor(request: unknown): Pick<Request, 'args' | 'request' | 'describe'> {
  return { args: argumentsOf(request), request: () => read(request, 'params'), describe: describeParts };
}

/** How it ended, with what was answered. */
function told({ method }: OutboundAction, settlement: Settlement, result: ActionResult): ActionResult {
  if (settlement.status !== 'fulfilled') return result;
  return { ...result, content: () => answerContent(method, settlement.value) };
}

/** Whether what has a signal was cancelled. */
function isAborted(holder: unknown): boolean {
  // A getter of `AbortSignal` itself.
  const signal = read(holder, 'signal');
  return signal instanceof AbortSignal && signal.aborted;
}
