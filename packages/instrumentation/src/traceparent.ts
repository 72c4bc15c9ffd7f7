import type { TraceIds } from '@botaudit/api';

/** Version 00 of W3C Trace Context, and what later ones may have after it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/**
 * Reads a `traceparent` of [W3C Trace Context](https://www.w3.org/TR/trace-context/).
 *
 * @returns `undefined` for what is none.
 */
export function parseTraceparent(value: unknown): TraceIds | undefined {
  const match = typeof value === 'string' ? TRACEPARENT.exec(value) : undefined;
  if (!match?.[1] || !match[2]) return undefined;
  return { traceId: match[1], spanId: match[2], traceFlags: Number.parseInt(match[3] ?? '0', 16) };
}

/**
 * The `traceparent` of a span. Where there is no tracing, and so no flags, it says that the span is sampled: without
 * tracing of its own a process samples nothing, and said so, whoever is asked would leave its spans out too.
 */
export function formatTraceparent({ traceId, spanId, traceFlags = 1 }: TraceIds): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}
