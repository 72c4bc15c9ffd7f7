import { expect, test } from 'vitest';
import { BotLife } from '../src/bot-life.js';
import { botScope } from '../src/bot-scope.js';
import { watchStart, watchStop } from '../src/watch-life.js';
import { useBackend } from './fixture.js';

const backend = useBackend();

let lastId = 0;
const newLife = () => new BotLife((bot) => botScope('testframework', 'testplatform', (bot as { id: string }).id));

/** Bots whose start and run end when the test says so. */
function newFramework() {
  return class Framework {
    readonly id = `testplatform:life-${++lastId}`;
    readonly ending = Promise.withResolvers<string>();
    readonly given: unknown[] = [];
    start(...args: unknown[]): Promise<string> {
      this.given.push(...args);
      if (args[0] === 'throw') throw new RangeError('theirs');
      return this.ending.promise;
    }
    async stop() {
      return 'stopped';
    }
  };
}

const told = () =>
  backend.current.records.map(({ name, attributes, body }) =>
    [name, attributes['error.type'] ?? body?.updates].filter((part) => part !== undefined).join(' '),
  );

test('a start that returns: the bot has started once it is fulfilled, and stops when that is fulfilled', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  watchStart(Framework.prototype, 'start', 'testframework', life, { updates: () => 'socket' });
  watchStop(Framework.prototype, 'stop', 'testframework', life);
  const bot = new Framework();
  const starting = bot.start();
  expect(told()).toEqual([]);
  bot.ending.resolve('started');
  expect(await starting).toBe('started');
  expect(told()).toEqual(['bot.started socket']);
  const stopping = bot.stop();
  expect(told()).toEqual(['bot.started socket', 'bot.stopping']);
  expect(await stopping).toBe('stopped');
  await bot.stop();
  expect(told()).toEqual(['bot.started socket', 'bot.stopping', 'bot.stopped']);
});

test('a start that lasts: the bot takes updates at once, and has ended when it settles', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  watchStart(Framework.prototype, 'start', 'testframework', life, { updates: () => 'polling', lasts: true });
  const [quiet, crashing] = [new Framework(), new Framework()];
  const runs = [quiet.start(), crashing.start()];
  expect(told()).toEqual(['bot.started polling', 'bot.started polling']);
  quiet.ending.resolve('ended');
  await runs[0];
  const reason = new RangeError('theirs');
  crashing.ending.reject(reason);
  await expect(runs[1]).rejects.toBe(reason);
  expect(told().slice(2)).toEqual(['bot.stopped', 'bot.crashed RangeError']);
});

test('a start that throws or rejects has failed, with what the framework has wrapped, and throws the very same', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  watchStart(Framework.prototype, 'start', 'testframework', life, {
    cause: (error) => (error instanceof Error && error.cause) || error,
  });
  const [throwing, rejecting] = [new Framework(), new Framework()];
  expect(() => throwing.start('throw')).toThrow(RangeError);
  const reason = new Error('wrapper', { cause: new TypeError('theirs') });
  rejecting.ending.reject(reason);
  await expect(rejecting.start()).rejects.toBe(reason);
  expect(told()).toEqual(['bot.started RangeError', 'bot.started TypeError']);
});

test('who a bot is may become known later than it has started; its first update and its stop do not wait for that', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  const named = Promise.withResolvers<void>();
  watchStart(Framework.prototype, 'start', 'testframework', life, {
    updates: () => 'socket',
    named: () => named.promise,
  });
  watchStop(Framework.prototype, 'stop', 'testframework', life);
  const [patient, hasty, stopped] = [new Framework(), new Framework(), new Framework()];
  for (const bot of [patient, hasty, stopped]) bot.ending.resolve('started');
  await Promise.all([patient.start(), hasty.start(), stopped.start()]);
  expect(told()).toEqual([]);
  expect(life.updated(hasty)).toBe(true);
  expect(told()).toEqual(['bot.started socket']);
  await stopped.stop();
  expect(told()).toEqual(['bot.started socket', 'bot.started socket', 'bot.stopping', 'bot.stopped']);
  named.resolve();
  await named.promise;
  expect(told().filter((line) => line === 'bot.started socket')).toHaveLength(3);
});

test('the method may be given other arguments, or the call be left alone; a bot that has started starts no more', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  watchStart(Framework.prototype, 'start', 'testframework', life, {
    args: (_, [first]) => (first === 'alone' ? undefined : ['other']),
    updates: () => 'polling',
  });
  const [changed, alone] = [new Framework(), new Framework()];
  for (const bot of [changed, alone]) bot.ending.resolve('started');
  await changed.start('one', 'two');
  await changed.start('again');
  await alone.start('alone');
  expect([changed.given, alone.given]).toEqual([['other', 'again'], ['alone']]);
  expect(told()).toEqual(['bot.started polling']);
});

test('the bot may be another than what is called, or none; errors of ours leave the call alone', async () => {
  const [Framework, life] = [newFramework(), newLife()];
  const bot = { id: `testplatform:life-${++lastId}` };
  let current: object | undefined = bot;
  watchStart(Framework.prototype, 'start', 'testframework', life, {
    bot: () => current,
    updates: () => 'gateway',
    lasts: true,
  });
  watchStop(Framework.prototype, 'stop', 'testframework', life, () => {
    throw new Error('ours');
  });
  const shard = new Framework();
  void shard.start();
  current = undefined;
  void new Framework().start();
  expect(life.isRunning(bot)).toBe(true);
  expect(await shard.stop()).toBe('stopped');
  expect(told()).toEqual(['bot.started gateway']);
  expect(backend.current.errors).toHaveLength(1);
});
