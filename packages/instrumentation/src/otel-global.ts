/**
 * What the application's own copy of `@opentelemetry/api` put into the global, as far as it is used here. Every 1.x
 * keeps it under one symbol; reading it there works with any of them, while importing a copy of our own would see
 * nothing that another version registered. Nothing is ever set here.
 */
export interface OtelGlobal {
  readonly trace?: TracerProvider | undefined;
  readonly context?: ContextManager | undefined;
}

interface TracerProvider {
  getTracer(name: string, version: string): Tracer;
}

interface Tracer {
  startSpan(name: string, options: SpanOptions, context?: Context): Span;
}

export interface SpanOptions {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether the span starts a trace, whatever span the context holds. */
  readonly root?: boolean | undefined;
  readonly links?: readonly SpanLink[] | undefined;
}

export interface SpanLink {
  readonly context: SpanContext;
}

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean | undefined;
}

/** An OpenTelemetry context: immutable, passed on by the context manager. */
export interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
}

interface ContextManager {
  active(): Context;
  with<T>(context: Context, fn: () => T): T;
}

export interface Span {
  spanContext(): SpanContext;
  isRecording(): boolean;
  setAttribute(name: string, value: string): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}

/** `SpanKind` of the API. */
export const SPAN_KIND = { server: 1, client: 2, consumer: 4 } as const;

/** `SpanStatusCode.ERROR` of the API. */
export const STATUS_ERROR = 2;

/** Where a context holds its span; `createContextKey` of the API is `Symbol.for`. */
export const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');

const KEY = Symbol.for('opentelemetry.js.api.1');

export function otelGlobal(): OtelGlobal {
  return (globalThis as { [KEY]?: OtelGlobal })[KEY] ?? {};
}
