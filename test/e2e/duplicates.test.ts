import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { verifyJournal } from '../support/verify.ts';
import type { BotRun } from './support/bot-run.ts';
import { ofEvent, readRecords } from './support/records.ts';
import { isCalm, killInBetween, openShop } from './support/shop.ts';

/** What the records of an event say of duplicates: outcome, what it is a duplicate of, why it was not done. */
async function told(run: BotRun, event: string) {
  const records = (await readRecords(run.directory)).sort((a, b) => Number(a.observed - b.observed));
  return ofEvent(records, event).map(({ attributes: of }) => ({
    id: of['audit.record.id'],
    outcome: of['audit.outcome'],
    of: of['bot.duplicate.of'],
    error: of['error.type'],
  }));
}

test('an order that is delivered again, since the bot died between the transfer and its record, is paid twice, and marked', async () => {
  const shop = await openShop([]);
  const run = await killInBetween(shop);
  await run.while(isCalm(shop));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(shop.bank.transfers).toEqual(['4711', '4711']);

  const [ordered, again] = await told(run, 'bot.command');
  expect(ordered).toMatchObject({ outcome: 'success', of: undefined });
  expect(again).toMatchObject({ outcome: 'success', of: ordered?.id });
  const transfers = await told(run, 'payment.transfer');
  expect(transfers).toMatchObject([
    { outcome: 'unknown', of: undefined },
    { outcome: 'unknown', of: transfers[0]?.id },
    { outcome: 'success', of: undefined },
  ]);
  expect(await verifyJournal(run.directory)).toMatchObject({ intact: true });
});

test('with block for commands it is paid once: the second delivery is not handled, and Telegram not asked again', async () => {
  const shop = await openShop(['{ event: bot.command, on_duplicate: block }']);
  const run = await killInBetween(shop);
  await run.while(isCalm(shop));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(shop.bank.transfers).toEqual(['4711']);
  const [ordered, again] = await told(run, 'bot.command');
  expect(again).toMatchObject({ outcome: 'failure', of: ordered?.id, error: 'DuplicateActionError' });
  expect(await told(run, 'payment.transfer')).toHaveLength(1);
});

test('with block for transfers it is paid once: the bot is told, and how to free it', async () => {
  const shop = await openShop(['{ event: payment.transfer, on_duplicate: block }']);
  const run = await killInBetween(shop);
  await run.while(isCalm(shop));
  await run.while(eventually('the error', () => run.stderr.includes('caught DuplicateActionError') || undefined));
  expect(run.stderr).toMatch(/payment\.transfer was (begun|carried out) before/);
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(shop.bank.transfers).toEqual(['4711']);
  const transfers = await told(run, 'payment.transfer');
  expect(transfers).toMatchObject([
    { outcome: 'unknown' },
    { outcome: 'failure', of: transfers[0]?.id, error: 'DuplicateActionError' },
  ]);
});
