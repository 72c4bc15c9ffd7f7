import { expect, test } from 'vitest';
import { ForeignInstrumentation } from '../../../instrumentation/test/foreign-instrumentation.js';
import type { StageHolder, TelegramStage } from '../stage.js';
import type { FrameworkBot } from './bot.js';

interface Dialect<Exports extends object, Stage extends TelegramStage> {
  /** A copy of the framework that nobody has touched. */
  readonly fresh: () => Exports;
  /** Audits it, as the preload flag does. */
  readonly audit: (exports: Exports) => void;
  /** Has another instrumentation wrap methods of it. */
  readonly wrap: (other: ForeignInstrumentation, exports: Exports) => void;
  /** The stage's bot, made with it. */
  readonly newBot: (exports: Exports) => FrameworkBot & Stage['bot'];
  /** What the other one has to see, but for polling. */
  readonly calls: readonly string[];
}

/** Tests of every framework: instrumentations of other people's, and wrappers of the application's. */
export function testStacking<Exports extends object, Stage extends TelegramStage>(
  stage: StageHolder<Stage>,
  { fresh, audit, wrap, newBot, calls }: Dialect<Exports, Stage>,
): void {
  test.each(['before', 'after'])(
    "an instrumentation of somebody else's that comes %s works, and so does this one",
    async (when) => {
      const { account, ada, backend } = stage.current;
      const exports = fresh();
      const other = new ForeignInstrumentation();
      if (when === 'before') wrap(other, exports);
      audit(exports);
      if (when === 'after') wrap(other, exports);
      const bot = newBot(exports);
      bot.command('start', (ctx) => ctx.reply('hello'));
      await stage.current.run(async () => {
        ada.says(account, '/start');
        await stage.current.records('bot.message.send');
      }, bot);
      expect(other.calls.filter((name) => name !== 'getUpdates')).toEqual(calls);
      expect(backend.names.filter((name) => name !== 'bot.api.call' && name !== 'bot.webhook.set')).toEqual([
        'bot.started',
        'bot.command',
        'bot.message.send',
        'bot.stopping',
        'bot.stopped',
      ]);
      expect(backend.named('bot.api.call')).toHaveLength(1);
    },
  );
}
