import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Bank } from './bank.ts';
import { BotRun, fixture } from './bot-run.ts';
import { startTelegram } from './telegram.ts';

/** A customer of a bot that pays; Telegram delivers again what the bot did not confirm. */
export async function openShop(rules: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cwd = await temporaryFolder();
  if (rules.length > 0) {
    await writeFile(
      join(cwd, 'botaudit.yaml'),
      `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`,
    );
  }
  const [telegram, bank] = [await startTelegram(), await Bank.open()];
  const account = telegram.addBot();
  const customer = telegram.addUser({ name: 'Carla' });
  const start = () =>
    BotRun.start(fixture('payments.mjs'), { telegram, bot: account, cwd, env: { BANK: bank.url, ...env } });
  return { telegram, bank, account, start, pay: () => customer.says(account, '/pay 4711') };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** The bot is killed when the money has been sent and before it could put that on record; then it is started again. */
export async function killInBetween({ telegram, bank, account, start, pay }: Shop): Promise<BotRun> {
  const first = await start();
  await first.while(telegram.awaitPolling(account));
  const sent = bank.nextTransfer();
  pay();
  await first.while(sent);
  await first.end('SIGKILL');
  bank.answers();
  expect(bank.transfers).toEqual(['4711']);
  expect(account.queue.pending).toHaveLength(1);
  return start();
}

/** Settles when the bot has dealt with all that it was sent. */
export const isCalm = ({ telegram, account }: Shop) =>
  telegram.until(() => account.queue.pending.length === 0 && account.queue.polled);
