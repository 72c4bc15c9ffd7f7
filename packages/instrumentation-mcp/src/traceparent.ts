import type { TraceIds } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';

const KEY = 'traceparent';

/** Version 00 of W3C Trace Context, and what later ones may have after it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** The span in which a request was sent, as its `_meta` says. */
export function readTraceparent(request: unknown): TraceIds | undefined {
  const value = read(request, 'params', '_meta', KEY);
  const match = typeof value === 'string' ? TRACEPARENT.exec(value) : undefined;
  if (!match?.[1] || !match[2]) return undefined;
  return { traceId: match[1], spanId: match[2], traceFlags: Number.parseInt(match[3] ?? '0', 16) };
}

/**
 * A request that says in which span it is sent; the one that is given stays as it is.
 *
 * @returns the very request where it says so already.
 */
export function withTraceparent(request: object, { traceId, spanId, traceFlags = 1 }: TraceIds): object {
  const params = read(request, 'params') as object | undefined;
  const meta = read(params, '_meta') as object | undefined;
  if (read(meta, KEY) !== undefined) return request;
  // Without tracing of its own a process samples nothing; said so, whoever is asked would leave its spans out too.
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0');
  return { ...request, params: { ...params, _meta: { ...meta, [KEY]: `00-${traceId}-${spanId}-${flags}` } } };
}
