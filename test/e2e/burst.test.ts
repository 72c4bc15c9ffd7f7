import { expect, test } from 'vitest';
import { fixture, runToEnd } from './support/bot-run.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

test('5,000 events within one tick and a natural end leave 5,000 records', async () => {
  const run = await runToEnd(fixture('burst.mjs'));
  expect(run.exit.code).toBe(0);
  const records = await readRecords(run.directory);
  expectChained(records);
  const orders = ofEvent(records, 'shop.order').map(({ attributes }) => attributes['shop.order.id']);
  expect(orders).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
  expect(records.at(-1)?.attributes['audit.sequence.end']).toBe(true);
});

test('5,000 actions of a bot within one tick and a natural end leave 5,000 records', async () => {
  const telegram = await startTelegram();
  const run = await runToEnd(fixture('burst-bot.mjs'), { bot: telegram.addBot() });
  expect(run.stderr).not.toContain('Error');
  expect(run.exit.code).toBe(0);
  const records = await readRecords(run.directory);
  expectChained(records);
  expect(ofEvent(records, 'bot.message.send')).toHaveLength(5_000);
});

test('the stock batch processor loses records in the same situation', async () => {
  const run = await runToEnd(fixture('burst-stock.mjs'), { nodeOptions: [] });
  expect(run.exit.code).toBe(0);
  expect(Number(run.stdout)).toBeLessThan(5_000);
});
