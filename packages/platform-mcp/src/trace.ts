import type { TraceIds } from '@botaudit/api';
import { formatTraceparent, parseTraceparent, read } from '@botaudit/instrumentation';

const KEY = 'traceparent';

/** The span in which a request was sent, as its `_meta` says. */
export function readTraceparent(request: unknown): TraceIds | undefined {
  return parseTraceparent(read(request, 'params', '_meta', KEY));
}

/**
 * A request that says in which span it is sent; the one that is given stays as it is.
 *
 * @returns the very request where it says so already.
 */
export function withTraceparent(request: object, trace: TraceIds): object {
  const params = read(request, 'params') as object | undefined;
  const meta = read(params, '_meta') as object | undefined;
  if (read(meta, KEY) !== undefined) return request;
  return { ...request, params: { ...params, _meta: { ...meta, [KEY]: formatTraceparent(trace) } } };
}
