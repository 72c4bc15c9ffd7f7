import type { Update } from 'telegraf/types';
import { afterEach, expect, test } from 'vitest';
import { FakeSpan, registerTracing, setOtelGlobal } from '../../instrumentation/test/fake-tracing.js';
import { useStage } from './setup.js';

const stage = useStage();
afterEach(() => setOtelGlobal(undefined));

const surroundings = () => new FakeSpan('surroundings', 0, undefined, 999);

test('a bot that is launched within a span: each update that it polls has its own trace, linked to that', async () => {
  const { bot, telegram, ada, account, backend } = stage.current;
  const [tracing, outer] = [registerTracing(), surroundings()];
  bot.start((ctx) => ctx.reply('hello'));
  const running = tracing.within(outer, () => bot.launch());
  await telegram.awaitPolling(account);
  for (let i = 0; i < 2; i++) ada.says(account, '/start');
  await stage.current.records('bot.message.send', 2);
  bot.stop();
  await running;
  const consumers = tracing.spans.filter(({ kind }) => kind === 4);
  expect(backend.named('bot.command').map(({ trace }) => trace)).toEqual(consumers.map((span) => span.spanContext()));
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
    const response = source === 'a webhook' ? ({ writableEnded: true } as never) : undefined;
    const request = surroundings();
    await tracing.within(request, () => bot.handleUpdate(update, response));
    expect(tracing.spans.map(({ kind, parent, links }) => [kind, parent, links])).toEqual([[4, request, []]]);
  },
);
