import { type Context, Scenes, session, Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import { expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

/** Launches a bot, has Ada say this one after the other, each once the bot has answered the one before. */
async function talk(bot: Pick<Telegraf, 'launch' | 'stop'>, texts: readonly string[]): Promise<unknown[]> {
  const { telegram, account, ada } = stage.current;
  await stage.current.run(async () => {
    for (const [index, text] of texts.entries()) {
      ada.says(account, text);
      await stage.current.records('bot.message.send', index + 1);
    }
  }, bot);
  return telegram.calls.filter(({ method }) => method === 'sendMessage').map(({ args }) => args.text);
}

/** Each answer names the update before it as its cause. */
function expectPairs(count: number): void {
  const { done } = stage.current;
  expect(done).toHaveLength(2 * count);
  const triggers = done.map(({ id, attributes }) => attributes['bot.trigger.record_id'] ?? id);
  expect(triggers).toEqual(done.map((_, index) => done[index - (index % 2)]?.id));
}

const options = () => ({ telegram: { apiRoot: stage.current.telegram.url } });

test('sessions keep what they hold', async () => {
  const bot = new Telegraf<Context & { session: { count: number } }>(stage.current.account.token, options());
  bot.use(session({ defaultSession: () => ({ count: 0 }) }));
  bot.command('count', (ctx) => ctx.reply(String(++ctx.session.count)));
  expect(await talk(bot, ['/count', '/count'])).toEqual(['1', '2']);
  expectPairs(2);
});

test('scenes are entered and left', async () => {
  const greeter = new Scenes.BaseScene<Scenes.SceneContext>('greeter');
  greeter.enter((ctx) => ctx.reply('Hi'));
  greeter.leave((ctx) => ctx.reply('Bye'));
  greeter.hears('leave', Scenes.Stage.leave<Scenes.SceneContext>());
  greeter.on(message('text'), (ctx) => ctx.reply('Still here'));
  const bot = new Telegraf<Scenes.SceneContext>(stage.current.account.token, options());
  bot.use(session(), new Scenes.Stage<Scenes.SceneContext>([greeter], { ttl: 10 }).middleware());
  bot.command('greeter', (ctx) => ctx.scene.enter('greeter'));
  expect(await talk(bot, ['/greeter', 'anything', 'leave'])).toEqual(['Hi', 'Still here', 'Bye']);
  expectPairs(3);
  expect(stage.current.done.map(({ name }) => name)).toEqual([
    'bot.command',
    'bot.message.send',
    'bot.message',
    'bot.message.send',
    'bot.message',
    'bot.message.send',
  ]);
});

test('a wizard goes from step to step, each answer caused by the message before it', async () => {
  const wizard = new Scenes.WizardScene<Scenes.WizardContext>(
    'introduce',
    async (ctx) => {
      await ctx.reply('Your name?');
      return ctx.wizard.next();
    },
    async (ctx) => {
      await ctx.reply('Your age?');
      return ctx.wizard.next();
    },
    async (ctx) => {
      await ctx.reply('Thank you');
      return ctx.scene.leave();
    },
  );
  const bot = new Telegraf<Scenes.WizardContext>(stage.current.account.token, options());
  bot.use(session(), new Scenes.Stage<Scenes.WizardContext>([wizard]).middleware());
  bot.command('introduce', (ctx) => ctx.scene.enter('introduce'));
  expect(await talk(bot, ['/introduce', 'Ada', '36'])).toEqual(['Your name?', 'Your age?', 'Thank you']);
  expectPairs(3);
  expect(JSON.stringify(stage.current.backend.records)).not.toMatch(/Ada|Your/);
});

test('what fails within a scene has failed once', async () => {
  const broken = new Scenes.BaseScene<Scenes.SceneContext>('broken');
  broken.enter(() => {
    throw new RangeError('theirs');
  });
  const bot = new Telegraf<Scenes.SceneContext>(stage.current.account.token, options());
  bot.use(session(), new Scenes.Stage<Scenes.SceneContext>([broken]).middleware());
  bot.command('enter', (ctx) => ctx.scene.enter('broken'));
  bot.catch(async (_, ctx) => {
    await ctx.reply('Sorry');
  });
  expect(await talk(bot, ['/enter'])).toEqual(['Sorry']);
  expect(stage.current.done.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['bot.command', undefined],
    ['bot.handler.error', 'RangeError'],
    ['bot.message.send', undefined],
  ]);
});
