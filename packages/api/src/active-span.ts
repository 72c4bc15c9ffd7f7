import type { TraceIds } from './event.js';

/**
 * What the application's own copy of `@opentelemetry/api` put into the global, as far as it is read here. It is found
 * there under one symbol by every 1.x; a copy of our own would see nothing that another version registered.
 */
interface OtelGlobal {
  readonly context?: { active(): { getValue(key: symbol): unknown } } | undefined;
}

interface Span {
  spanContext(): TraceIds;
}

const KEY = Symbol.for('opentelemetry.js.api.1');

/** Where a context of OpenTelemetry holds its span. */
const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');

/** The ids of the span that is active in the application's own tracing; `undefined` where there is none. Never throws. */
export function activeSpanIds(): TraceIds | undefined {
  try {
    const { context } = (globalThis as { [KEY]?: OtelGlobal })[KEY] ?? {};
    const span = context?.active().getValue(SPAN_KEY) as Span | undefined;
    if (!span) return undefined;
    const { traceId, spanId, traceFlags } = span.spanContext();
    // Zeros say that the span was made where nothing traces.
    if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
    return { traceId, spanId, traceFlags };
  } catch {
    // Tracing that is broken keeps no event from being recorded.
    return undefined;
  }
}
