import { expect, test } from 'vitest';
import { EVERY_UPDATE, makeScene, type UpdateType } from '../platforms/telegram/index.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const FILES = ['listener.mjs', 'telegraf/listener.mjs'];

test.for(FILES)('an update of every type that makes %s act is recorded, and named as the cause', async (file) => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const archive = telegram.addGroup({ admins: [account] });
  const types = Object.keys(EVERY_UPDATE) as UpdateType[];
  const env = { CHAT_ID: `${archive.id}`, UPDATE_TYPES: types.join() };
  const run = await BotRun.start(fixture(file), { telegram, bot: account, env });
  await run.while(telegram.awaitPolling(account));
  const ids = new Map<string, UpdateType>();
  for (const type of types) {
    const scene = makeScene(telegram, account);
    account.queue.clear();
    const { update_id } = telegram.delivers(account, { [type]: EVERY_UPDATE[type](scene) });
    ids.set(`${update_id}`, type);
    await run.while(archive.awaitMessage(({ text }) => text === `Seen ${update_id}`));
    await run.while(telegram.awaitPolling(account));
  }
  await run.end('SIGTERM');

  const records = await readRecords(run.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  const inbound = records.filter(({ attributes }) => ids.has(`${attributes['bot.update.id']}`));
  expect(inbound.map(({ attributes }) => attributes['bot.update.type'])).toEqual(types);
  for (const { attributes } of inbound) {
    expect(ids.get(`${attributes['bot.update.id']}`)).toBe(attributes['bot.update.type']);
  }
  const triggers = ofEvent(records, 'bot.message.send').map(({ attributes }) => attributes['bot.trigger.record_id']);
  expect(triggers).toEqual(inbound.map(({ attributes }) => attributes['audit.record.id']));
});
