import { AuditUnavailableError } from '@botaudit/api';
import { type Outbound, type OutboundAction, read } from '@botaudit/instrumentation';
import { askerOf } from './asker.js';
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
    args: argumentsOf(request),
    read: (settlement) => readSent(settlement, isAborted(options), unsent),
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
    args: argumentsOf(request),
    asker,
    read: (settlement) => readServed(settlement, isAborted(extra)),
    refuse: (cause) =>
      Promise.reject(new AuditUnavailableError('Refused, since it could not be put on record', { cause })),
  };
}

/** Whether what has a signal was cancelled. */
function isAborted(holder: unknown): boolean {
  // A getter of `AbortSignal` itself.
  const signal = read(holder, 'signal');
  return signal instanceof AbortSignal && signal.aborted;
}
