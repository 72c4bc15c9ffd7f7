import { expect, test } from 'vitest';
import { BotLife } from '../src/bot-life.js';
import { botScope } from '../src/bot-scope.js';
import { useBackend } from './fixture.js';

const backend = useBackend();

let lastId = 0;
const newBot = () => ({ id: `testplatform:${++lastId}` });
const newLife = () => new BotLife((bot) => botScope('testframework', 'testplatform', (bot as { id: string }).id));

const told = () =>
  backend.current.records.map(({ name, attributes, body }) =>
    [name, attributes['error.type'] ?? body?.updates].filter((part) => part !== undefined).join(' '),
  );

test('a bot that starts, stops, and has stopped', () => {
  const [life, bot] = [newLife(), newBot()];
  expect(life.starting(bot)).toBe(true);
  life.started(bot, 'polling');
  life.stopping(bot);
  life.ended(bot);
  expect(told()).toEqual(['bot.started polling', 'bot.stopping', 'bot.stopped']);
});

test('each event is recorded once, and none that makes no sense', () => {
  const [life, bot] = [newLife(), newBot()];
  life.stopping(bot);
  life.ended(bot);
  life.starting(bot);
  expect(life.starting(bot)).toBe(false);
  life.started(bot, 'polling');
  expect(life.starting(bot)).toBe(false);
  for (let i = 0; i < 2; i++) life.stopping(bot);
  for (let i = 0; i < 2; i++) life.ended(bot);
  expect(told()).toEqual(['bot.started polling', 'bot.stopping', 'bot.stopped']);
  expect(life.starting(bot)).toBe(true);
});

test('what ends a bot is a failed start before it takes updates, and a crash after that', () => {
  const life = newLife();
  const [early, late, given] = [newBot(), newBot(), newBot()];
  life.starting(early);
  life.ended(early, { error: new RangeError() });
  life.starting(late);
  life.started(late, 'webhook');
  life.ended(late, { error: new RangeError() });
  life.starting(given);
  life.ended(given);
  expect(told()).toEqual(['bot.started RangeError', 'bot.started webhook', 'bot.crashed RangeError']);
});

test('where nobody starts a bot its first update does, once for all instances of the bot', () => {
  const life = newLife();
  const [hooked, fed] = [newBot(), newBot()];
  for (const bot of [hooked, { ...hooked }, hooked]) expect(life.updated(bot, 'webhook')).toBe(false);
  expect(life.updated(fed)).toBe(false);
  expect(told()).toEqual(['bot.started webhook', 'bot.started application']);
});

test.each(['polling', 'runner'] as const)(
  'what a bot fetches by %s is told apart from what it is handed',
  (updates) => {
    const [life, bot] = [newLife(), newBot()];
    life.started(bot, updates);
    expect(life.updated(bot)).toBe(true);
    expect(life.updated(bot, 'webhook')).toBe(false);
    life.ended(bot);
    // The last updates are handled while it ends.
    expect(life.updated(bot)).toBe(true);
    expect(told()).toEqual([`bot.started ${updates}`, 'bot.stopped']);
  },
);

test('a bot that learns who it is after it started has not started anew; one that opened a socket fetches', () => {
  const hooked: { id: string | undefined } = { id: undefined };
  const life = new BotLife((bot) => botScope('testframework', 'testplatform', (bot as typeof hooked).id));
  life.starting(hooked);
  life.started(hooked, 'webhook');
  hooked.id = newBot().id;
  expect(life.updated(hooked)).toBe(false);
  const socket = newBot();
  life.starting(socket);
  life.started(socket, 'socket');
  expect(life.updated(socket)).toBe(true);
  expect(told()).toEqual(['bot.started webhook', 'bot.started socket']);
});
