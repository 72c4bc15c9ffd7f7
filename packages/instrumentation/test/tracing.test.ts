import { AsyncLocalStorage } from 'node:async_hooks';
import { runAs } from '@botaudit/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { handleInbound } from '../src/inbound.js';
import { type Context, SPAN_KEY } from '../src/otel-global.js';
import { handleOutbound } from '../src/outbound.js';
import { bot, command, refuse, send, useBackend } from './fixture.js';

const backend = useBackend();
const KEY = Symbol.for('opentelemetry.js.api.1');
const holder = globalThis as { [KEY]?: unknown };

class FakeSpan {
  readonly name: string;
  readonly kind: number;
  readonly parent: FakeSpan | undefined;
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
function registerTracing(): { spans: FakeSpan[]; active: () => FakeSpan | undefined; lose: <T>(fn: () => T) => T } {
  const spans: FakeSpan[] = [];
  const storage = new AsyncLocalStorage<FakeContext>();
  const active = () => storage.getStore() ?? new FakeContext();
  holder[KEY] = {
    version: '1.4.0',
    context: { active, with: (context: FakeContext, fn: () => unknown) => storage.run(context, fn) },
    trace: {
      getTracer: () => ({
        startSpan(name: string, { kind }: { kind: number }, context: FakeContext) {
          const span = new FakeSpan(name, kind, context.getValue(SPAN_KEY) as FakeSpan | undefined, spans.length + 1);
          spans.push(span);
          return span;
        },
      }),
    },
  };
  return {
    spans,
    active: () => active().getValue(SPAN_KEY) as FakeSpan | undefined,
    lose: (fn) => storage.run(new FakeContext(), fn),
  };
}

beforeEach(() => {
  delete holder[KEY];
});
afterEach(() => {
  delete holder[KEY];
});

const act = (next: () => unknown = () => true) =>
  handleOutbound<Promise<unknown>>({ bot, action: send, args: {}, refuse }, async () => next());
const handle = (handler: () => Promise<unknown>) =>
  handleInbound<Promise<unknown>>({ bot, event: command, refuse }, handler);

test('without tracing all records of one update share a random trace, and no global is set', async () => {
  await handle(act);
  const [received, sent] = backend.current.records;
  expect(sent?.trace).toEqual(received?.trace);
  await handle(act);
  expect(backend.current.records[2]?.trace?.traceId).not.toBe(received?.trace?.traceId);
  expect(holder[KEY]).toBeUndefined();
});

test("with the application's tracing the records carry its spans: a consumer and beneath it a client", async () => {
  const tracing = registerTracing();
  let during: FakeSpan | undefined;
  await handle(() => act(() => (during = tracing.active())));
  const [consumer, client] = tracing.spans;
  expect([consumer?.kind, client?.kind]).toEqual([4, 2]);
  expect([consumer?.name, client?.name]).toEqual(['testplatform message', 'testplatform sendMessage']);
  expect(client?.parent).toBe(consumer);
  expect(during).toBe(client);
  expect(tracing.spans.every((span) => span.ended && span.status === undefined)).toBe(true);
  const [received, sent] = backend.current.records;
  expect(received?.trace).toEqual(consumer?.spanContext());
  expect(sent?.trace).toEqual(client?.spanContext());
});

test('a span that failed says so, by class alone', async () => {
  const { spans } = registerTracing();
  const fail = () => act(() => Promise.reject(new RangeError('a secret')));
  await handle(fail).catch(() => {});
  expect(spans.map((span) => [span.status, span.attributes])).toEqual([
    [2, { 'error.type': 'RangeError' }],
    [2, { 'error.type': 'RangeError' }],
  ]);
});

test("the client span finds its update's trace where a queue has lost the application's context", async () => {
  const tracing = registerTracing();
  await handle(() => runAs({ id: 'service:x', type: 'service' }, () => tracing.lose(() => act())));
  expect(tracing.spans[1]?.parent).toBe(tracing.spans[0]);
});

test('a tracing API without an SDK behind it counts as none', async () => {
  const zeros = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
  const span = { spanContext: () => zeros, end() {} };
  holder[KEY] = { version: '1.9.0', trace: { getTracer: () => ({ startSpan: () => span }) } };
  await handle(act);
  expect(backend.current.records[0]?.trace?.traceId).not.toBe(zeros.traceId);
  expect(backend.current.errors).toEqual([]);
});

test('broken tracing of the application does not break auditing', async () => {
  holder[KEY] = {
    trace: {
      getTracer() {
        throw new Error('not ours');
      },
    },
  };
  await handle(act);
  expect(backend.current.names).toEqual(['bot.command', 'bot.message.send']);
});
