import { afterEach, expect, test } from 'vitest';
import { FakeSpan, registerTracing, setOtelGlobal } from '../../../instrumentation/test/fake-tracing.js';
import type { StageHolder, TelegramStage } from '../stage.js';

/** A bot that is started within a span: each update that it polls has its own trace, linked to that. */
export async function expectOwnTraces(
  stage: TelegramStage,
  start: () => { readonly stop: () => unknown },
): Promise<void> {
  const { bot, telegram, ada, account, backend } = stage;
  const [tracing, outer] = [registerTracing(), surroundings()];
  bot.command('start', (ctx) => ctx.reply('hello'));
  const { stop } = tracing.within(outer, start);
  await telegram.awaitPolling(account);
  for (let i = 0; i < 2; i++) ada.says(account, '/start');
  await stage.records('bot.message.send', 2);
  await stop();
  const consumers = tracing.spans.filter(({ kind }) => kind === 4);
  expect(backend.named('bot.command').map(({ trace }) => trace)).toEqual(consumers.map((span) => span.spanContext()));
  expect(consumers.map(({ parent, links }) => [parent, links])).toEqual(
    Array(2).fill([undefined, [{ context: outer.spanContext() }]]),
  );
}

/**
 * Tests of every framework: which traces updates are part of.
 *
 * @param handleOfWebhook hands the stage's bot an update as a webhook of its framework's does.
 */
export function testTracing(stage: StageHolder, handleOfWebhook: (update: never) => Promise<unknown>): void {
  afterEach(() => setOtelGlobal(undefined));

  test('a bot that is started within a span: each update that it polls has its own trace, linked to that', async () => {
    const { bot } = stage.current;
    await expectOwnTraces(stage.current, () => {
      const running = stage.current.start(bot);
      return {
        stop: async () => {
          await bot.stop();
          await running;
        },
      };
    });
  });

  test.each(['a webhook', 'the application'])(
    'an update that %s hands over is part of the trace there',
    async (source) => {
      const { bot, account, ada, group } = stage.current;
      const tracing = registerTracing();
      bot.botInfo = account.me;
      ada.says(group, '/start');
      const update = account.queue.pending.at(-1) as never;
      const handle = source === 'a webhook' ? handleOfWebhook : (given: never) => bot.handleUpdate(given);
      const request = surroundings();
      await tracing.within(request, () => handle(update));
      expect(tracing.spans.map(({ kind, parent, links }) => [kind, parent, links])).toEqual([[4, request, []]]);
    },
  );
}

const surroundings = () => new FakeSpan('surroundings', 0, undefined, 999);
