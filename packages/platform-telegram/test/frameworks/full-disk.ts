import { beforeEach, expect, test } from 'vitest';
import type { StageHolder } from '../stage.js';
import type { FrameworkBot } from './bot.js';

export const UNAVAILABLE = { name: 'AuditUnavailableError', code: 'ERR_AUDIT_UNAVAILABLE' };

interface FullDisk {
  /** How often something could not be written. */
  readonly refusals: number;
  /** Nothing can be written from now on. */
  fill(): void;
  /** Has the policy say of an event that what can not be recorded is not to happen. */
  failsClosed(event: string): void;
  /** The texts of messages that Telegram has not been told of yet that they were received. */
  waiting(): (string | undefined)[];
  /** The texts of messages that the bot's handler has got. */
  noteHandled(bot?: FrameworkBot): (string | undefined)[];
}

/** A disk that each test of the file that calls this can fill. */
export function useFullDisk(stage: StageHolder): FullDisk {
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
  return {
    get refusals() {
      return refusals;
    },
    fill() {
      stage.current.backend.unavailable = true;
    },
    failsClosed(event) {
      stage.current.backend.policy[event] = { failClosed: true };
    },
    waiting: () => stage.current.account.queue.pending.map((update) => update.message?.text),
    noteHandled(bot = stage.current.bot) {
      const handled: (string | undefined)[] = [];
      bot.on('message', (ctx) => {
        handled.push(ctx.message?.text);
        stage.current.telegram.world.signal.notify();
      });
      return handled;
    },
  };
}

/** Tests of every framework: what fails closed while nothing can be recorded. */
export function testFailClosed(stage: StageHolder, disk: FullDisk): void {
  test('a call that can not be recorded is not made, and its caller gets the error itself', async () => {
    const { client, group, bob, telegram, backend } = stage.current;
    disk.failsClosed('bot.member.ban');
    disk.fill();
    await expect(client.banChatMember(group.id, bob.id)).rejects.toMatchObject(UNAVAILABLE);
    expect(telegram.log.of('banChatMember')).toEqual([]);
    expect((await client.sendMessage(group.id, 'hello')).text).toBe('hello');
    backend.unavailable = false;
    expect(await client.banChatMember(group.id, bob.id)).toBe(true);
  });

  test('a bot that stops while it holds an update leaves it to Telegram, which delivers it again', async () => {
    const { bot, ada, account, telegram, backend } = stage.current;
    disk.failsClosed('bot.command');
    bot.on('message', () => expect.fail('it was handled'));
    const running = stage.current.start(bot).catch((error: unknown) => error);
    await telegram.awaitPolling(account);
    disk.fill();
    ada.says(account, '/first');
    await telegram.until(() => disk.refusals >= 1);
    await bot.stop();
    expect(await running).toMatchObject(UNAVAILABLE);
    expect(disk.waiting()).toEqual(['/first']);

    backend.unavailable = false;
    const next = stage.current.newBot();
    const handled = disk.noteHandled(next);
    await stage.current.run(() => telegram.until(() => handled.length === 1 && account.queue.polled), next);
    expect(handled).toEqual(['/first']);
    expect(disk.waiting()).toEqual([]);
  });
}
