import { record, runAs } from '@botaudit/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditInbound } from '../src/audit-inbound.js';
import { handleInbound } from '../src/inbound.js';
import { recordLife } from '../src/life.js';
import { handleOutbound } from '../src/outbound.js';
import { FakeSpan, otelGlobalIsSet, registerTracing, setOtelGlobal } from './fake-tracing.js';
import { bot, command, refuse, send, skip, useBackend } from './fixture.js';

const backend = useBackend();

beforeEach(() => setOtelGlobal(undefined));
afterEach(() => setOtelGlobal(undefined));

const act = (next: () => unknown = () => true) =>
  handleOutbound<Promise<unknown>>({ bot, action: send, args: {}, refuse }, async () => next());
const handle = (handler: () => Promise<unknown>) =>
  handleInbound<Promise<unknown>>({ bot, event: command, refuse, skip }, handler);

test('without tracing all records of one update share a random trace, and no global is set', async () => {
  await handle(act);
  const [received, sent] = backend.current.records;
  expect(sent?.trace).toEqual(received?.trace);
  await handle(act);
  expect(backend.current.records[2]?.trace?.traceId).not.toBe(received?.trace?.traceId);
  expect(otelGlobalIsSet()).toBe(false);
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

test('an update that was handed over within a span is part of its trace', async () => {
  const tracing = registerTracing();
  const request = new FakeSpan('POST /webhook', 1, undefined, 99);
  await tracing.within(request, () => handle(act));
  const [consumer, client] = tracing.spans;
  expect([consumer?.parent, client?.parent]).toEqual([request, consumer]);
  expect(consumer?.links).toEqual([]);
});

test("a handler's failure is joined to the update's span, not to that of the request which brought the update", async () => {
  const tracing = registerTracing();
  const request = new FakeSpan('POST /webhook', 1, undefined, 99);
  await tracing.within(request, () => handle(() => Promise.reject(new Error('theirs')))).catch(() => {});
  expect(backend.current.only('bot.handler.error').trace).toEqual(tracing.spans[0]?.spanContext());
});

test("events of a bot's life, and those of the application's own, are joined to the span that is active", async () => {
  const tracing = registerTracing();
  const startup = new FakeSpan('startup', 0, undefined, 99);
  tracing.within(startup, () => recordLife(bot, 'bot.started'));
  expect(backend.current.only('bot.started').trace).toEqual(startup.spanContext());
  await handle(async () => {
    const own = new FakeSpan('transfer', 0, tracing.active(), 100);
    tracing.within(own, () => record({ name: 'payment.transfer', action: 'EXECUTE', outcome: 'success' }));
    expect(backend.current.only('payment.transfer').trace).toEqual(own.spanContext());
  });
});

test('a polled update has a trace of its own, linked to the span in which the bot was started', async () => {
  const tracing = registerTracing();
  const startup = new FakeSpan('startup', 0, undefined, 99);
  const poll = () => handleInbound<Promise<unknown>>({ bot, event: command, root: true, refuse, skip }, () => act());
  await tracing.within(startup, async () => {
    await poll();
    await poll();
  });
  const [first, client, second] = tracing.spans;
  expect([first?.parent, client?.parent, second?.parent]).toEqual([undefined, first, undefined]);
  expect([first?.links, second?.links]).toEqual(Array(2).fill([{ context: startup.spanContext() }]));
  const traces = backend.current.records.map(({ trace }) => trace?.traceId);
  expect(traces).toEqual([first, first, second, second].map((span) => span?.spanContext().traceId));
  expect(new Set(traces)).toHaveProperty('size', 2);
});

test('a polled update outside of any span links to none', async () => {
  const { spans } = registerTracing();
  await handleInbound<Promise<unknown>>({ bot, event: command, root: true, refuse, skip }, act);
  expect(spans[0]).toMatchObject({ parent: undefined, links: [] });
});

test('a tracing API without an SDK behind it counts as none', async () => {
  const zeros = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
  const span = { spanContext: () => zeros, end() {} };
  setOtelGlobal({ version: '1.9.0', trace: { getTracer: () => ({ startSpan: () => span }) } });
  await handle(act);
  expect(backend.current.records[0]?.trace?.traceId).not.toBe(zeros.traceId);
  expect(backend.current.errors).toEqual([]);
});

test('broken tracing of the application does not break auditing', async () => {
  setOtelGlobal({
    trace: {
      getTracer() {
        throw new Error('not ours');
      },
    },
  });
  await handle(act);
  expect(backend.current.names).toEqual(['bot.command', 'bot.message.send']);
});

test('what is handed over while something else is handled, and leaves no record, is not part of its trace', async () => {
  const tracing = registerTracing();
  class Gateway {
    take() {
      return act();
    }
  }
  auditInbound(Gateway.prototype, 'take', bot.framework, () => undefined);
  await handle(() => new Gateway().take());
  const [consumer, client] = tracing.spans;
  expect(client?.parent).toBeUndefined();
  const sent = backend.current.only(send.name);
  expect(sent).toMatchObject({ actor: backend.current.self, trace: client?.spanContext() });
  expect(sent.trace?.traceId).not.toBe(consumer?.spanContext().traceId);
});
