import { activeContext, record } from '@botaudit/api';
import { expect, test } from 'vitest';
import {
  handleInbound,
  type Inbound,
  type InboundEvent,
  recordErrorOfHandler,
  recordHandlerError,
} from '../src/inbound.js';
import { handleOutbound } from '../src/outbound.js';
import { bot, command, message, refuse, send, skip, useBackend } from './fixture.js';

const backend = useBackend();

const inbound = (event: InboundEvent, more: Partial<Inbound<Promise<unknown>>> = {}): Inbound<Promise<unknown>> => ({
  bot,
  event,
  refuse,
  skip,
  ...more,
});
const handle = (event: InboundEvent, handler: () => Promise<unknown>) => handleInbound(inbound(event), handler);
const act = () => handleOutbound({ bot, action: send, args: {}, refuse }, () => Promise.resolve('sent'));

test('a command is recorded before it is handled', async () => {
  const result = await handle(command, async () => backend.current.names);
  expect(result).toEqual(['bot.command']);
  const record = backend.current.only('bot.command');
  expect(record).toMatchObject({
    action: 'EXECUTE',
    outcome: 'success',
    actor: command.actor,
    target: command.target,
    attributes: { ...command.attributes, ...bot.attributes },
    trace: { traceId: expect.stringMatching(/^[0-9a-f]{32}$/), spanId: expect.stringMatching(/^[0-9a-f]{16}$/) },
  });
  expect(record.attributes).not.toHaveProperty('bot.trigger.record_id');
});

test('a message that causes nothing leaves no record', async () => {
  await handle(message, async () => {});
  expect(backend.current.records).toEqual([]);
});

test('a message that causes an action is recorded just before that action, with the time it arrived', async () => {
  let arrived = 0;
  await handle(message, async () => {
    arrived = Date.now();
    await new Promise((resolve) => setImmediate(resolve));
    await act();
    await act();
  });
  expect(backend.current.names).toEqual(['bot.message', 'bot.message.send', 'bot.message.send']);
  const [cause, ...actions] = backend.current.records;
  expect(cause?.timestamp?.getTime()).toBeLessThanOrEqual(arrived);
  for (const action of actions) {
    expect(action.attributes['bot.trigger.record_id']).toBe(cause?.id);
    expect(action.actor).toEqual(message.actor);
    expect(action.trace).toEqual(cause?.trace);
  }
});

test("a message that causes an event of the application's own is recorded as well", async () => {
  await handle(message, async () => record({ name: 'payment.transfer', action: 'TRANSFER', outcome: 'success' }));
  expect(backend.current.names).toEqual(['bot.message', 'payment.transfer']);
});

test('an action that goes on after the handler has ended still names its cause', async () => {
  const late = Promise.withResolvers<void>();
  let action: Promise<unknown> | undefined;
  await handle(message, async () => {
    action = late.promise.then(act);
  });
  expect(backend.current.records).toEqual([]);
  late.resolve();
  await action;
  expect(backend.current.names).toEqual(['bot.message', 'bot.message.send']);
});

test('a handler that fails is recorded with its cause, and its very error is passed on', async () => {
  class HandlerProblem extends Error {}
  const error = new HandlerProblem('a secret');
  const caught = await handle(message, () => Promise.reject(error)).catch((reason: unknown) => reason);
  expect(caught).toBe(error);
  expect(backend.current.names).toEqual(['bot.message', 'bot.handler.error']);
  const [cause, failure] = backend.current.records;
  expect(failure).toMatchObject({ outcome: 'failure', actor: message.actor, target: message.target });
  expect(failure?.attributes).toMatchObject({
    'error.type': 'HandlerProblem',
    'bot.trigger.record_id': cause?.id,
    'bot.chat.id': '-100',
    'bot.id': bot.id,
  });
  expect(JSON.stringify(backend.current.records)).not.toContain('a secret');
});

test('a handler that throws at once is recorded too', () => {
  const error = new TypeError('at once');
  const run = () =>
    handleInbound({ bot, event: command, refuse: () => 0, skip: () => 0 }, () => {
      throw error;
    });
  expect(run).toThrow(error);
  expect(backend.current.names).toEqual(['bot.command', 'bot.handler.error']);
});

test.each([new Error('shared'), 'a bare string'])('%s is one failure in each update that it ends', async (error) => {
  const fail = async () => {
    recordHandlerError({ bot, event: command }, error);
    throw error;
  };
  await handle(command, fail).catch(() => {});
  await handle(command, fail).catch(() => {});
  expect(backend.current.names).toEqual(['bot.command', 'bot.handler.error', 'bot.command', 'bot.handler.error']);
  const [first, firstFailure, second, secondFailure] = backend.current.records;
  expect(firstFailure?.attributes['bot.trigger.record_id']).toBe(first?.id);
  expect(secondFailure?.attributes['bot.trigger.record_id']).toBe(second?.id);
});

test('outside of any update each failure that is told of is recorded', () => {
  const error = new Error('shared');
  recordHandlerError({ bot, event: command }, error);
  recordHandlerError({ bot, event: command }, error);
  expect(backend.current.names).toEqual(['bot.handler.error', 'bot.handler.error']);
});

test("what the framework wrapped is named, not the framework's wrapper", async () => {
  const wrapped = { error: new RangeError('inner') };
  const more = { cause: (error: unknown) => (error as typeof wrapped).error };
  await handleInbound(inbound(command, more), () => Promise.reject(wrapped)).catch(() => {});
  expect(backend.current.only('bot.handler.error').attributes['error.type']).toBe('RangeError');
});

test('the context of two updates at once stays apart', async () => {
  const actors = await Promise.all(
    ['testplatform:1', 'testplatform:2'].map((id) =>
      handle({ ...message, actor: { id, type: 'user' } }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return activeContext()?.actor?.id;
      }),
    ),
  );
  expect(actors).toEqual(['testplatform:1', 'testplatform:2']);
});

test('a policy that keeps nothing of an event leaves the context as it is', async () => {
  backend.current.policy['bot.message'] = { level: 'none' };
  await handle(message, act);
  expect(backend.current.names).toEqual(['bot.message.send']);
  const action = backend.current.only('bot.message.send');
  expect(action.actor).toEqual(message.actor);
  expect(action.attributes).not.toHaveProperty('bot.trigger.record_id');
});

test('when nothing can be written the bot goes on', async () => {
  backend.current.unavailable = true;
  expect(await handle(command, act)).toBe('sent');
  expect(backend.current.records).toEqual([]);
});

test.each([command, message])('a fail-closed $name is not handled when it can not be written', async (event) => {
  backend.current.unavailable = true;
  backend.current.policy[event.name] = { failClosed: true };
  let handled = false;
  const caught = await handle(event, async () => {
    handled = true;
  }).catch((error: unknown) => error);
  expect(caught).toMatchObject({ name: 'AuditUnavailableError' });
  expect(handled).toBe(false);
});

test('a broken backend is counted, and the bot goes on', async () => {
  const broken = new RangeError('a bug of ours');
  backend.current.write = () => {
    throw broken;
  };
  expect(await handle(command, act)).toBe('sent');
  expect(backend.current.errors).toContainEqual({ source: 'testframework', error: broken });
});

test('an error that comes out elsewhere is laid to what is being handled, once; outside of anything to nothing', async () => {
  const error = new RangeError('theirs');
  recordErrorOfHandler(error);
  await handle({ ...message, reason: 'because' }, async () => {
    for (let i = 0; i < 2; i++) recordErrorOfHandler(error);
  });
  expect(backend.current.names).toEqual(['bot.message', 'bot.handler.error']);
  expect(backend.current.records).toMatchObject([
    { reason: 'because' },
    { target: message.target, attributes: { 'bot.update.id': '1', 'error.type': 'RangeError' } },
  ]);
});
