import { expect, test } from 'vitest';
import type { StageHolder } from '../stage.js';
import type { FrameworkBot, FrameworkContext } from './bot.js';

interface Dialect {
  /** `bot.framework` of its records. */
  readonly framework: string;
  /** Has the bot show, upon `/think`, that it types. */
  readonly typesOnThink: () => void;
  /** Has the bot answer `done` to the press of a button. */
  readonly answersPresses: () => void;
  /**
   * Has the bot run a command's handler within a boundary for errors.
   *
   * @param caught what the boundary catches; it throws that again where this is `true`.
   */
  readonly bounded: (
    commands: string[],
    handler: (ctx: FrameworkContext) => Promise<unknown>,
    caught: (error: unknown, ctx: FrameworkContext) => boolean,
  ) => void;
}

/** Tests of every framework: what reaches a bot that polls, and what it leads to. */
export function testInbound(stage: StageHolder, { framework, typesOnThink, answersPresses, bounded }: Dialect): void {
  test('a command and what it leads to: received, attempted, done, answered', async () => {
    const { bot, telegram, group, ada, bob, account, backend } = stage.current;
    bot.command('ban', async (ctx) => {
      await ctx.banChatMember(bob.id);
      await ctx.reply('Bob is gone, which is a secret');
    });
    await stage.current.run(async () => {
      ada.says(group, '/ban Bob, who wrote a secret');
      await telegram.awaitCall('sendMessage');
      await stage.current.records('bot.message.send');
    });
    const { done } = stage.current;
    expect(done.map(({ name, action, outcome }) => [name, action, outcome])).toEqual([
      ['bot.command', 'EXECUTE', 'success'],
      ['bot.member.ban', 'BAN', 'unknown'],
      ['bot.member.ban', 'BAN', 'success'],
      ['bot.message.send', 'SEND', 'success'],
    ]);
    const [command, attempt, ban, reply] = done;
    const common = { 'bot.id': `telegram:${account.id}`, 'bot.platform': 'telegram', 'bot.framework': framework };
    for (const record of done) {
      expect(record.actor).toEqual({ id: `telegram:${ada.id}`, type: 'user' });
      expect(record.trace?.traceId).toBe(command?.trace?.traceId);
      expect(record.attributes).toMatchObject({ ...common, 'bot.chat.id': String(group.id) });
    }
    expect(command?.attributes).toMatchObject({
      'bot.command.name': '/ban',
      'bot.update.type': 'message',
      'bot.update.id': expect.stringMatching(/^\d+$/),
      'bot.chat.type': 'supergroup',
    });
    expect(attempt?.target).toEqual({ id: `telegram:${bob.id}`, type: 'user' });
    expect(ban?.attributes).toMatchObject({
      'bot.api.method': 'banChatMember',
      'bot.action.stage': 'outcome',
      'bot.action.attempt.record_id': attempt?.id,
      'bot.trigger.record_id': command?.id,
    });
    expect(reply?.target).toEqual({ id: expect.stringMatching(`^telegram:${group.id}/\\d+$`), type: 'message' });
    const everything = JSON.stringify(backend.records);
    expect(everything).not.toContain('a secret');
    expect(everything).not.toContain(account.token.split(':')[1]);
    expect(backend.errors).toEqual([]);
  });

  test('messages that lead to nothing leave no trace, those that do leave one', async () => {
    const { bot, telegram, account, ada } = stage.current;
    bot.hears('ping', (ctx) => ctx.reply('pong'));
    await stage.current.run(async () => {
      ada.says(account, 'idle talk');
      ada.says(account, 'ping');
      await telegram.awaitCall('sendMessage');
      await stage.current.records('bot.message.send');
    });
    expect(stage.current.done.map(({ name }) => name)).toEqual(['bot.message', 'bot.message.send']);
  });

  test('a reply that nobody awaits is recorded all the same', async () => {
    const { bot, ada, account } = stage.current;
    bot.command('start', (ctx) => {
      void ctx.reply('hello');
    });
    await stage.current.run(async () => {
      ada.says(account, '/start');
      await stage.current.records('bot.message.send');
    });
    const [command, reply] = stage.current.done;
    expect(reply?.attributes['bot.trigger.record_id']).toBe(command?.id);
  });

  test('polling and typing leave no records', async () => {
    const { telegram, ada, account, backend } = stage.current;
    typesOnThink();
    await stage.current.run(async () => {
      ada.says(account, '/think');
      await telegram.awaitCall('sendChatAction');
    });
    const methods = backend.records.map((record) => record.attributes['bot.api.method']);
    expect(methods).not.toContain('getUpdates');
    expect(methods).not.toContain('sendChatAction');
  });

  test('a button press names who pressed, and the message it hangs on', async () => {
    const { bot, telegram, ada, account } = stage.current;
    bot.command('menu', (ctx) =>
      ctx.reply('Choose', { reply_markup: { inline_keyboard: [[{ text: 'One', callback_data: 'a secret' }]] } }),
    );
    answersPresses();
    await stage.current.run(async () => {
      ada.says(account, '/menu');
      await telegram.awaitCall('sendMessage');
      const menu = await telegram.until(() => telegram.world.openDialogue(account.user, ada.user).messages.at(-1));
      await ada.presses(menu, 'One').answered();
      await stage.current.records('bot.query.answer');
    });
    const [, sent, pressed, answer] = stage.current.done;
    expect(pressed).toMatchObject({ name: 'bot.callback', actor: { id: `telegram:${ada.id}` }, target: sent?.target });
    expect(answer).toMatchObject({ name: 'bot.query.answer', attributes: { 'bot.trigger.record_id': pressed?.id } });
    expect(JSON.stringify(stage.current.backend.records)).not.toContain('a secret');
  });

  test('a handler that fails leaves a record of that, and bot.catch has the very error', async () => {
    const { bot, telegram, ada, account } = stage.current;
    class OwnProblem extends Error {}
    const problem = new OwnProblem('a secret');
    const caught = noteErrors(bot);
    bot.command('fail', () => {
      throw problem;
    });
    await stage.current.run(async () => {
      ada.says(account, '/fail');
      await stage.current.records('bot.handler.error');
      await telegram.until(() => caught.length > 0);
    });
    expect(caught).toEqual([problem]);
    expect(caught[0]).toBe(problem);
    const [command, failure] = stage.current.done;
    expect(failure).toMatchObject({
      outcome: 'failure',
      attributes: { 'error.type': 'OwnProblem', 'bot.trigger.record_id': command?.id, 'bot.update.type': 'message' },
    });
    expect(JSON.stringify(failure)).not.toContain('a secret');
  });

  test('an error boundary keeps working, and what it catches is recorded once, also when it is thrown again', async () => {
    const { bot, ada, account, backend, ApiError } = stage.current;
    const seen: unknown[] = [];
    bounded(
      ['once', 'again'],
      (ctx) => stage.current.clientOf(ctx).sendMessage(123_456, 'nobody is there'),
      (error, ctx) => {
        seen.push(stage.current.codeOf(error));
        return ctx.message?.text === '/again';
      },
    );
    noteErrors(bot);
    await stage.current.run(async () => {
      ada.says(account, '/once');
      ada.says(account, '/again');
      await stage.current.records('bot.handler.error', 2);
    });
    expect(seen).toEqual([400, 400]);
    const failures = backend.named('bot.handler.error');
    expect(failures.map(({ attributes }) => attributes['error.type'])).toEqual([ApiError.name, ApiError.name]);
    const commands = backend.named('bot.command').map(({ id }) => id);
    expect(failures.map(({ attributes }) => attributes['bot.trigger.record_id'])).toEqual(commands);
  });

  /** What the bot's error handler gets. */
  function noteErrors(bot: FrameworkBot): unknown[] {
    const caught: unknown[] = [];
    stage.current.onError(bot, (error) => caught.push(error));
    return caught;
  }
}
