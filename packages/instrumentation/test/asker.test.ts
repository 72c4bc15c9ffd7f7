import { record, withContext } from '@botaudit/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Asker, handleOutbound } from '../src/outbound.js';
import { registerTracing, setOtelGlobal } from './fake-tracing.js';
import { ban, bot, refuse, send, useBackend } from './fixture.js';

const backend = useBackend();

beforeEach(() => setOtelGlobal(undefined));
afterEach(() => setOtelGlobal(undefined));

const asker: Asker = {
  actor: { id: 'testplatform:client/7', type: 'service' },
  trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
};

const serve = (action: typeof send, handler: () => unknown): Promise<unknown> =>
  handleOutbound<Promise<unknown>>({ bot, action, args: {}, asker, refuse }, async () => handler());

const transfer = () =>
  record({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success', target: { id: 'x:1', type: 'account' } });

test('who asked is the actor, and what the action starts is caused by it', async () => {
  await serve(ban, transfer);
  const [attempt, caused, outcome] = backend.current.records;
  expect(backend.current.names).toEqual(['bot.member.ban', 'payment.transfer', 'bot.member.ban']);
  for (const { actor, trace } of backend.current.records) expect([actor, trace]).toEqual([asker.actor, asker.trace]);
  expect(caused?.attributes).toMatchObject({ 'bot.trigger.record_id': attempt?.id, 'bot.id': bot.id });
  expect(outcome?.attributes).toMatchObject({ 'bot.action.attempt.record_id': attempt?.id });
  expect(outcome?.attributes).not.toHaveProperty('bot.trigger.record_id');
});

test('an action of low risk has its attempt recorded when something else refers to it, and only then', async () => {
  await serve(send, () => undefined);
  expect(backend.current.names).toEqual(['bot.message.send']);
  expect(backend.current.records[0]?.attributes).not.toHaveProperty('bot.action.stage');
  await serve(send, () => [transfer(), transfer()]);
  const [, attempt, first, second, outcome] = backend.current.records;
  expect(attempt?.attributes['bot.action.stage']).toBe('attempt');
  for (const caused of [first, second]) expect(caused?.attributes['bot.trigger.record_id']).toBe(attempt?.id);
  expect(outcome?.attributes['bot.action.attempt.record_id']).toBe(attempt?.id);
});

test('what goes on when the action has ended refers to its record', async () => {
  let later: (() => unknown) | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  let after: Promise<unknown> | undefined;
  await serve(send, () => {
    after = promise.then(() => later?.());
  });
  later = transfer;
  resolve();
  await after;
  const [ended, caused] = backend.current.records;
  expect(caused?.attributes['bot.trigger.record_id']).toBe(ended?.id);
  expect(backend.current.records).toHaveLength(2);
});

test('whatever is handled here at the moment has nothing to do with it', async () => {
  const trigger = { recordId: () => 'someone-elses' };
  await withContext({ actor: { id: 'testplatform:1', type: 'user' }, trigger }, () => serve(ban, () => undefined));
  for (const { actor, attributes } of backend.current.records) {
    expect(actor).toEqual(asker.actor);
    expect(attributes).not.toHaveProperty('bot.trigger.record_id');
  }
});

test('where a policy keeps nothing of the action, who asked is the actor of what it starts all the same', async () => {
  backend.current.policy['bot.message.send'] = { level: 'none', written: 'never' };
  await serve(send, transfer);
  expect(backend.current.only('payment.transfer').actor).toEqual(asker.actor);
});

test("with the application's tracing its span is a child of the asker's, linked to what is active", async () => {
  const tracing = registerTracing();
  await handleOutbound<Promise<void>>({ bot, action: send, args: {}, refuse }, async () => {
    await serve(send, () => undefined);
  });
  const [outer, served] = tracing.spans;
  expect(served).toMatchObject({ name: 'testplatform sendMessage', kind: 1, ended: true });
  expect(served?.spanContext().traceId).toBe(asker.trace?.traceId);
  expect(served?.parent?.spanContext()).toEqual({ ...asker.trace, isRemote: true });
  expect(served?.links).toEqual([{ context: outer?.spanContext() }]);
  expect(backend.current.records[0]?.trace).toEqual(served?.spanContext());
});

test('whoever carries the trace on is given its ids', async () => {
  const given: unknown[] = [];
  await handleOutbound<Promise<void>>({ bot, action: send, args: {}, refuse }, async (trace) => void given.push(trace));
  expect(given).toEqual([backend.current.only('bot.message.send').trace]);
});
