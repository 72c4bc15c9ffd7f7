import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, SPAN_KEY, type SpanOptions } from '../src/otel-global.js';

const KEY = Symbol.for('opentelemetry.js.api.1');

const holder = globalThis as { [KEY]?: unknown };

/** Puts what an API registers where every 1.x keeps it; `undefined` takes it away. */
export function setOtelGlobal(value: object | undefined): void {
  if (value) holder[KEY] = value;
  else delete holder[KEY];
}

export function otelGlobalIsSet(): boolean {
  return KEY in holder;
}

export class FakeSpan {
  readonly name: string;
  readonly kind: number;
  readonly parent: FakeSpan | undefined;
  links: readonly unknown[] = [];
  readonly #traceId: string;
  readonly #spanId: string;
  ended = false;
  status: number | undefined;
  readonly attributes: Record<string, string> = {};

  constructor(name: string, kind: number, parent: FakeSpan | undefined, number: number) {
    this.name = name;
    this.kind = kind;
    this.parent = parent;
    this.#traceId = parent?.spanContext().traceId ?? number.toString(16).padStart(32, 'a');
    this.#spanId = number.toString(16).padStart(16, 'b');
  }
  spanContext() {
    return { traceId: this.#traceId, spanId: this.#spanId, traceFlags: 1 };
  }
  setAttribute(name: string, value: string) {
    this.attributes[name] = value;
  }
  setStatus({ code }: { code: number }) {
    this.status = code;
  }
  end() {
    this.ended = true;
  }
}

class FakeContext implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>;
  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }
  getValue(key: symbol) {
    return this.#values.get(key);
  }
  setValue(key: symbol, value: unknown) {
    return new FakeContext(new Map([...this.#values, [key, value]]));
  }
}

/** A tracing SDK as any 1.x of the API registers one. */
export function registerTracing(): {
  spans: FakeSpan[];
  active: () => FakeSpan | undefined;
  within: <T>(span: FakeSpan, fn: () => T) => T;
  lose: <T>(fn: () => T) => T;
} {
  const spans: FakeSpan[] = [];
  const storage = new AsyncLocalStorage<FakeContext>();
  const active = () => storage.getStore() ?? new FakeContext();
  setOtelGlobal({
    version: '1.4.0',
    context: { active, with: (context: FakeContext, fn: () => unknown) => storage.run(context, fn) },
    trace: {
      getTracer: () => ({
        startSpan(name: string, { kind, root, links = [] }: SpanOptions, context: FakeContext) {
          const parent = root ? undefined : (context.getValue(SPAN_KEY) as FakeSpan | undefined);
          const span = new FakeSpan(name, kind, parent, spans.length + 1);
          span.links = links;
          spans.push(span);
          return span;
        },
      }),
    },
  });
  return {
    spans,
    within(span, fn) {
      return storage.run(active().setValue(SPAN_KEY, span), fn);
    },
    active: () => active().getValue(SPAN_KEY) as FakeSpan | undefined,
    lose: (fn) => storage.run(new FakeContext(), fn),
  };
}
