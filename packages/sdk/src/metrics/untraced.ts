/** Of an OpenTelemetry context what is used here. */
interface Context {
  setValue(key: symbol, value: unknown): Context;
}

/** What the application's copy of `@opentelemetry/api`, any 1.x, keeps in the global. */
interface OtelGlobal {
  readonly context?: { active(): Context; with<T>(context: Context, task: () => T): T };
}

const API_KEY = Symbol.for('opentelemetry.js.api.1');

/** Where the SDK looks whether a span is wanted; `suppressTracing` of `@opentelemetry/core` sets it. */
const SUPPRESSED_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Runs what is ours and would be noise in the application's traces. */
export function untraced<T>(task: () => T): T {
  const { context } = (globalThis as { [API_KEY]?: OtelGlobal })[API_KEY] ?? {};
  return context ? context.with(context.active().setValue(SUPPRESSED_KEY, true), task) : task();
}
