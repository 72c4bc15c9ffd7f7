import { randomFillSync } from 'node:crypto';
import type { TraceIds } from '@botaudit/api';
import { guard } from './guard.js';
import {
  type Context,
  otelGlobal,
  SPAN_KEY,
  SPAN_KIND,
  type Span,
  type SpanLink,
  STATUS_ERROR,
} from './otel-global.js';
import { VERSION } from './version.js';

const SCOPE = '@botaudit/instrumentation';

/** A span of the application's tracing, or what stands in for one where it has none. */
export interface ActiveSpan {
  /** The ids that join records to it. */
  readonly trace: TraceIds;
  /** Runs `fn` with the span active, so that what it starts becomes its children. */
  run<T>(fn: () => T): T;
  /** @param error what kind of error ended it, for `error.type`; absent when it went well. */
  end(error?: string): void;
}

export interface SpanStart {
  readonly name: string;
  readonly kind: keyof typeof SPAN_KIND;
  readonly attributes: Readonly<Record<string, string>>;
  /** The trace that the span belongs to: that of the update being handled. */
  readonly parent?: TraceIds | undefined;
  /** The span of another process that it is a child of, as that one says; what is active now is linked to. */
  readonly remote?: TraceIds | undefined;
  /** Whether it starts a trace of its own, which links to the span that is active now, if any. */
  readonly root?: boolean | undefined;
}

/**
 * The OpenTelemetry context in which a trace's span is active. Queues of plugins run calls in the context of
 * whoever happens to drain them; audit context is carried past those, and this finds the other one again.
 */
const contexts = new WeakMap<TraceIds, Context>();

/**
 * Starts a span through the application's own OpenTelemetry API. Without a tracing SDK it takes the ids of `parent`
 * or `remote`, or makes random ones: all records of one update share a trace, and nothing is made active or propagated.
 */
export function startSpan(start: SpanStart): ActiveSpan {
  return guard('tracing', () => startRealSpan(start)) ?? standIn(start.parent ?? start.remote);
}

function startRealSpan({ name, kind, attributes, parent, remote, root }: SpanStart): ActiveSpan | undefined {
  const { trace: provider, context: manager } = otelGlobal();
  if (!provider) return undefined;
  const active = contextFor(parent, manager?.active());
  const parentContext = remote ? active?.setValue(SPAN_KEY, remoteSpan(remote)) : active;
  const links = (root || remote) && { links: linksTo(active, remote) };
  const options = { kind: SPAN_KIND[kind], attributes, ...(root && { root }), ...links };
  const span = provider.getTracer(SCOPE, VERSION).startSpan(name, options, parentContext);
  const { traceId, spanId, traceFlags } = span.spanContext();
  // A no-op provider hands out zeros, or its parent's span again.
  if (/^0*$/.test(traceId) || spanId === (parent ?? remote)?.spanId) return undefined;
  const trace = { traceId, spanId, traceFlags };
  const context = parentContext?.setValue(SPAN_KEY, span);
  if (context) contexts.set(trace, context);
  return {
    trace,
    run: (fn) => (manager && context ? manager.with(context, fn) : fn()),
    end: (error) => guard('tracing', () => endSpan(span, error)),
  };
}

/** The active context where it belongs to the parent's trace, else the one in which the parent was started. */
function contextFor(parent: TraceIds | undefined, active: Context | undefined): Context | undefined {
  if (!parent || !active) return active;
  const span = active.getValue(SPAN_KEY) as Span | undefined;
  if (span?.spanContext().traceId === parent.traceId) return active;
  return contexts.get(parent) ?? active;
}

/** A span of which only the ids are known, as the API's `wrapSpanContext` makes them. */
function remoteSpan({ traceId, spanId, traceFlags = 0 }: TraceIds): Span {
  return {
    spanContext: () => ({ traceId, spanId, traceFlags, isRemote: true }),
    isRecording: () => false,
    setAttribute: () => undefined,
    setStatus: () => undefined,
    end: () => undefined,
  };
}

/** @param parent which needs no link: the span that is active, where both sides are in one process. */
function linksTo(context: Context | undefined, parent: TraceIds | undefined): SpanLink[] {
  const span = (context?.getValue(SPAN_KEY) as Span | undefined)?.spanContext();
  return span && span.spanId !== parent?.spanId ? [{ context: span }] : [];
}

function endSpan(span: Span, error: string | undefined): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error);
    span.setStatus({ code: STATUS_ERROR });
  }
  span.end();
}

/** @param parent whose ids it takes. */
function standIn(parent: TraceIds | undefined): ActiveSpan {
  return { trace: parent ?? randomTrace(), run: (fn) => fn(), end: () => {} };
}

const TRACE_BYTES = 24;
/** Randomness is asked for in bulk: each request costs more than what it is for. */
const pool = Buffer.alloc(TRACE_BYTES * 256);
let taken = pool.length;

function randomTrace(): TraceIds {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const hex = pool.toString('hex', taken, taken + TRACE_BYTES);
  taken += TRACE_BYTES;
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32) };
}
