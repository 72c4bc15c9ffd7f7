import { read } from '@botaudit/instrumentation';

let replies = 0;

/** The envelope by which grammY answers a webhook, watched. What it does stays the same. */
export function watchEnvelope(envelope: unknown): unknown {
  const send = read(envelope, 'send');
  if (typeof send !== 'function') return envelope;
  return {
    ...(envelope as object),
    send: (...args: unknown[]) => {
      replies += 1;
      return Reflect.apply(send, envelope, args);
    },
  };
}

/**
 * Calls `fn` and says whether it answered a webhook. grammY does so before its first await, thus before any other code
 * runs.
 */
export function noticeReply<T>(fn: () => T): { readonly result: T; readonly replied: boolean } {
  const before = replies;
  const result = fn();
  return { result, replied: replies !== before };
}
