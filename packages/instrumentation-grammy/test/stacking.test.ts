import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import type { Bot } from 'grammy';
import { expect, test } from 'vitest';
import { audit, useStage } from './setup.js';

const stage = useStage();
const require = createRequire(import.meta.url);

/** Another instrumentation of the same methods, as OpenTelemetry's are written. */
class Other extends InstrumentationBase {
  readonly calls: string[] = [];

  constructor() {
    super('other', '1.0.0', {});
  }

  protected override init(): void {}

  wrap(prototype: object): void {
    for (const name of ['handleUpdate', 'start', 'stop']) {
      const { calls } = this;
      this._wrap(prototype as Record<string, unknown>, name, (original: unknown) => {
        return function (this: unknown, ...args: unknown[]) {
          calls.push(name);
          return Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
        };
      });
    }
  }
}

/** A copy of grammY that nobody has touched. */
function freshGrammy(): typeof import('grammy') {
  const folder = join(dirname(require.resolve('grammy')), '..');
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  return require('grammy');
}

test.each(['before', 'after'])(
  "an instrumentation of somebody else's that comes %s works, and so does this one",
  async (when) => {
    const { telegram, account, ada, backend } = stage.current;
    const grammy = freshGrammy();
    const other = new Other();
    if (when === 'before') other.wrap(grammy.Bot.prototype);
    audit('grammy', grammy);
    if (when === 'after') other.wrap(grammy.Bot.prototype);
    const bot: Bot = new grammy.Bot(account.token, { client: { apiRoot: telegram.url } });
    bot.command('start', (ctx) => ctx.reply('hello'));
    await stage.current.run(async () => {
      ada.says(account, '/start');
      await stage.current.records('bot.message.send');
    }, bot);
    expect(other.calls).toEqual(['start', 'handleUpdate', 'stop']);
    expect(backend.names.filter((name) => name !== 'bot.api.call' && name !== 'bot.webhook.set')).toEqual([
      'bot.started',
      'bot.command',
      'bot.message.send',
      'bot.stopping',
      'bot.stopped',
    ]);
  },
);

test('a wrapper of the application on one bot works too', async () => {
  const { bot, account, ada, backend } = stage.current;
  bot.command('start', (ctx) => ctx.reply('hello'));
  const handled: number[] = [];
  const { handleUpdate } = bot;
  bot.handleUpdate = function (update, ...rest) {
    handled.push(update.update_id);
    return handleUpdate.call(this, update, ...rest);
  };
  await stage.current.run(async () => {
    ada.says(account, '/start');
    await stage.current.records('bot.message.send');
  });
  expect(handled).toHaveLength(1);
  expect(backend.named('bot.command')).toHaveLength(1);
});
