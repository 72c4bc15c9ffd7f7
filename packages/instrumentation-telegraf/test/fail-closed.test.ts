import type { Telegraf } from 'telegraf';
import { message } from 'telegraf/filters';
import { beforeEach, expect, test } from 'vitest';
import { useStage } from './setup.js';

const stage = useStage();

/** How often something could not be written. */
let refusals: number;
beforeEach(() => {
  refusals = 0;
  const { backend, telegram } = stage.current;
  const { write } = backend;
  backend.write = (event) => {
    try {
      return write(event);
    } catch (error) {
      refusals++;
      telegram.world.signal.notify();
      throw error;
    }
  };
});

const UNAVAILABLE = { name: 'AuditUnavailableError', code: 'ERR_AUDIT_UNAVAILABLE' };

const failsClosed = (name: string) => {
  stage.current.backend.policy[name] = { failClosed: true };
};

/** Nothing can be written from now on. */
function fillDisk(): void {
  stage.current.backend.unavailable = true;
}

/** The texts of messages that Telegram has not been told of yet that they were received. */
const waiting = () => stage.current.account.queue.pending.map((update) => update.message?.text);

/** The texts of messages that the bot's handler has got. */
function noteHandled(bot: Telegraf): string[] {
  const handled: string[] = [];
  bot.on(message('text'), (ctx) => {
    handled.push(ctx.message.text);
    stage.current.telegram.world.signal.notify();
  });
  return handled;
}

test('a call that can not be recorded is not made, and its caller gets the error itself', async () => {
  const { bot, group, bob, telegram } = stage.current;
  failsClosed('bot.member.ban');
  fillDisk();
  await expect(bot.telegram.banChatMember(group.id, bob.id)).rejects.toMatchObject(UNAVAILABLE);
  expect(telegram.log.of('banChatMember')).toEqual([]);
  expect((await bot.telegram.sendMessage(group.id, 'hello')).text).toBe('hello');
  stage.current.backend.unavailable = false;
  expect(await bot.telegram.banChatMember(group.id, bob.id)).toBe(true);
});

test('updates that a bot polled are held until they can be recorded, and then are confirmed', async () => {
  const { bot, ada, bob, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  const handled = noteHandled(bot);
  await stage.current.run(async () => {
    fillDisk();
    ada.says(account, '/first');
    bob.says(account, '/first');
    await telegram.until(() => refusals >= 4);
    expect(waiting()).toEqual(['/first', '/first']);
    backend.unavailable = false;
    await telegram.until(() => handled.length === 2 && account.queue.polled);
    expect(waiting()).toEqual([]);
    ada.says(account, '/third');
    await telegram.until(() => handled.length === 3 && account.queue.polled);
  });
  expect(backend.named('bot.command')).toHaveLength(3);
});

test('a bot that stops while it holds an update leaves it to Telegram, which delivers it again', async () => {
  const { bot, ada, account, telegram, backend } = stage.current;
  failsClosed('bot.command');
  bot.on('message', () => expect.fail('it was handled'));
  const running = bot.launch().catch((error: unknown) => error);
  await telegram.awaitPolling(account);
  fillDisk();
  ada.says(account, '/first');
  await telegram.until(() => refusals >= 1);
  bot.stop();
  expect(await running).toMatchObject(UNAVAILABLE);
  expect(waiting()).toEqual(['/first']);

  backend.unavailable = false;
  const next = stage.current.newBot();
  const handled = noteHandled(next);
  await stage.current.run(() => telegram.until(() => handled.length === 1 && account.queue.polled), next);
  expect(handled).toEqual(['/first']);
  expect(waiting()).toEqual([]);
});
