import { InputFile } from 'grammy';
import { expect, test } from 'vitest';
import { DISRUPTIVE, EVERY_CALL, type Method, makeScene } from '../platforms/telegram/index.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** A payload as a message to the bot: files by their name. */
function spoken(method: Method, payload: object): string {
  return JSON.stringify({ method, payload }, (_, value) =>
    value instanceof InputFile ? { $file: value.filename } : value,
  );
}

const FILES = ['caller.mjs', 'telegraf/caller.mjs'];

test.for(FILES)(
  'every method of the Bot API, called by %s, is recorded with the person who caused it',
  async (file) => {
    // Its files answer for themselves in `toJSON`, which is only for sending.
    InputFile.prototype.toJSON = function toJSON(this: InputFile) {
      return this as unknown as string;
    };
    const telegram = await startTelegram();
    const account = telegram.addBot();
    const boss = telegram.addUser({ name: 'Boss' });
    const run = await BotRun.start(fixture(file), { telegram, bot: account });
    await run.while(telegram.awaitPolling(account));
    const methods = (Object.keys(EVERY_CALL) as Method[]).filter((method) => !DISRUPTIVE.has(method));
    for (const method of methods) {
      const scene = makeScene(telegram, account);
      account.queue.clear();
      boss.says(account, spoken(method, EVERY_CALL[method](scene)));
      await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
    }
    await run.end('SIGTERM');
    expect(run.stderr).not.toContain('caught');

    const records = await readRecords(run.directory);
    expectChained(records);
    expectConnected(records);
    expectSentIsRecorded(telegram, account, records);
    const caused = records.filter(({ attributes }) => attributes['bot.trigger.record_id'] !== undefined);
    const recorded = new Set(caused.map(({ attributes }) => attributes['bot.api.method']));
    expect(methods.filter((method) => !recorded.has(method))).toEqual(['sendChatAction']);
    expect(new Set(caused.map(({ attributes }) => attributes['audit.actor.id']))).toEqual(
      new Set([`telegram:${boss.id}`]),
    );
  },
);
