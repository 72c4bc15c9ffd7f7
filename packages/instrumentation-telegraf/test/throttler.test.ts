import type { Context } from 'telegraf';
import { telegrafThrottler } from 'telegraf-throttler';
import { expect, test } from 'vitest';
import { expectEachToItsCause } from '../../platform-telegram/test/frameworks/throttled.js';
import { useStage } from './setup.js';

const stage = useStage();

const atOnce = { maxConcurrent: 1, minTime: 0 };
const throttler = () =>
  telegrafThrottler({ in: { ...atOnce, highWater: 100 }, out: atOnce, group: atOnce, inKey: 'chat' });

test('a throttler makes calls for whoever drains its queue; each stays with the person who caused it', async () => {
  const { bot, telegram, ada, bob, group, account } = stage.current;
  bot.use(throttler());
  bot.command('say', (ctx) => {
    void ctx.reply(`for ${ctx.from.id}`);
  });
  telegram.latencyMs = 5;
  // Before it polls: it is handed all of them at once.
  for (let i = 0; i < 5; i++) for (const person of [ada, bob]) person.says(group, '/say');
  await stage.current.run(async () => {
    await telegram.awaitPolling(account);
    await stage.current.records('bot.message.send', 10);
  });
  expectEachToItsCause(stage.current);
});

test('who answers with the context of an earlier update is the cause of that', async () => {
  const { bot, ada, bob, account, backend } = stage.current;
  let asked: Context | undefined;
  bot.command('ask', (ctx) => {
    asked = ctx;
  });
  bot.command('allow', () => asked?.reply('you may'));
  await stage.current.run(async () => {
    ada.says(account, '/ask');
    await stage.current.records('bot.command');
    bob.says(account, '/allow');
    await stage.current.records('bot.message.send');
  });
  expect(backend.only('bot.message.send')).toMatchObject({
    actor: { id: `telegram:${bob.id}` },
    attributes: { 'bot.trigger.record_id': backend.named('bot.command')[1]?.id },
  });
});
