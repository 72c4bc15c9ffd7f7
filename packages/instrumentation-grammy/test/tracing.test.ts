import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { run } from '@grammyjs/runner';
import type { Update } from 'grammy/types';
import { afterEach, expect, test } from 'vitest';
import { FakeSpan, registerTracing, setOtelGlobal } from '../../instrumentation/test/fake-tracing.js';
import { audit, useStage } from './setup.js';

const require = createRequire(import.meta.url);
// The package's main file hands on what this one exports.
audit('@grammyjs/runner', require(join(dirname(require.resolve('@grammyjs/runner')), 'runner.js')));

const stage = useStage();
afterEach(() => setOtelGlobal(undefined));

const surroundings = () => new FakeSpan('surroundings', 0, undefined, 999);

/** The consumer spans of two commands, both answered, of a bot that is started within a span. */
async function twoCommands(outer: FakeSpan, start: () => { stop: () => unknown }): Promise<FakeSpan[]> {
  const { bot, telegram, ada, account, backend } = stage.current;
  const tracing = registerTracing();
  bot.command('start', (ctx) => ctx.reply('hello'));
  const { stop } = tracing.within(outer, start);
  await telegram.awaitPolling(account);
  ada.says(account, '/start');
  ada.says(account, '/start');
  await stage.current.records('bot.message.send', 2);
  await stop();
  const consumers = tracing.spans.filter(({ kind }) => kind === 4);
  const commands = backend.named('bot.command');
  expect(commands.map(({ trace }) => trace)).toEqual(consumers.map((span) => span.spanContext()));
  return consumers;
}

test('a bot that is started within a span: each update that it polls has its own trace, linked to that', async () => {
  const outer = surroundings();
  const { bot } = stage.current;
  const consumers = await twoCommands(outer, () => {
    const running = bot.start();
    return { stop: () => bot.stop().then(() => running) };
  });
  expect(consumers.map(({ parent, links }) => [parent, links])).toEqual(
    Array(2).fill([undefined, [{ context: outer.spanContext() }]]),
  );
});

test('so it is with a bot that a runner runs', async () => {
  const outer = surroundings();
  const consumers = await twoCommands(outer, () => run(stage.current.bot));
  expect(consumers.map(({ parent, links }) => [parent, links])).toEqual(
    Array(2).fill([undefined, [{ context: outer.spanContext() }]]),
  );
});

test.each(['a webhook', 'the application'])(
  'an update that %s hands over is part of the trace there',
  async (source) => {
    const { bot, account, ada, group } = stage.current;
    const tracing = registerTracing();
    bot.botInfo = account.me;
    ada.says(group, '/start');
    const update = account.queue.pending.at(-1) as Update;
    const envelope = source === 'a webhook' ? { send: () => {} } : undefined;
    const request = surroundings();
    await tracing.within(request, () => bot.handleUpdate(update, envelope));
    expect(tracing.spans.map(({ kind, parent, links }) => [kind, parent, links])).toEqual([[4, request, []]]);
  },
);
