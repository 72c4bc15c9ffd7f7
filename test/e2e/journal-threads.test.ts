import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJournal } from '../support/journal.ts';
import { verifyJournal } from '../support/verify.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { startTelegram } from './support/telegram.ts';

/** Each leaves two records of about 1 kB: three of the smallest segments. */
const MESSAGES = 110;

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What could not be synced, by reason, as the process counted it. */
async function unsyncedIn(directory: string): Promise<readonly Sample[]> {
  const [file = ''] = globSync('streams/*/metrics.json', { cwd: directory });
  const text = await readFile(join(directory, file), 'utf8');
  const all = (JSON.parse(text) as { metrics: { name: string; values: Sample[] }[] }).metrics;
  return all.find(({ name }) => name === 'audit_records_unsynced_total')?.values ?? [];
}

test('under the flag the journal’s threads sync what is written and compress what is finished', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 1 });
  const alice = telegram.addUser({ name: 'Alice' });
  const run = await BotRun.start(fixture('assistant.mjs'), {
    telegram,
    bot: account,
    env: { BOTAUDIT_DURABILITY: 'power', BOTAUDIT_SEGMENT_MAX_BYTES: '64 KiB' },
  });
  await run.while(telegram.awaitPolling(account));
  for (let message = 0; message < MESSAGES; message++) alice.says(account, '/start');
  const compressed = () => globSync('streams/*/*.ndjson.zst', { cwd: run.directory });
  await run.while(expect.poll(() => compressed().length, { timeout: 30_000 }).toBeGreaterThan(0));

  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const unsynced = await unsyncedIn(run.directory);
  expect(unsynced.map(({ labels }) => labels.reason)).toContain('ERR_SYNC_THREAD');
  expect(unsynced.filter(({ value }) => value > 0)).toEqual([]);
  const [stream] = await readJournal(run.directory);
  expect(stream?.torn).toEqual([]);
  expect(stream?.records.filter(({ eventName }) => eventName === 'bot.message.send')).toHaveLength(MESSAGES);
  expect(await verifyJournal(run.directory)).toMatchObject({ intact: true, exitCode: 0 });
});
