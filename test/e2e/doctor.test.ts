import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { play, setStage } from '../../scripts/demo/chat.ts';
import { BotRun } from './support/bot-run.ts';
import { botaudit } from './support/cli.ts';
import { ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const BOT = fileURLToPath(new URL('../../examples/moderation-bot/bot.js', import.meta.url));

test('botaudit doctor in the journal of a bot that is at work: a stream of its own, and the bot does not notice', async () => {
  const telegram = await startTelegram();
  const stage = setStage(telegram);
  const run = await BotRun.start(BOT, { telegram, bot: stage.bot });
  await run.while(play(stage, () => {}, new AbortController().signal));
  const { code, stdout } = await botaudit('doctor', '--dir', run.directory, '--json');
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; detail: string }[] };
  expect(Object.fromEntries(checks.map(({ name, status }) => [name, status]))).toEqual({
    node: 'ok',
    configuration: 'ok',
    frameworks: 'ok',
    journal: 'ok',
    endpoint: 'warning',
    'canary: write': 'ok',
    'canary: read': 'ok',
  });
  expect(code).toBe(0);
  expect(checks.find(({ name }) => name === 'frameworks')?.detail).toMatch(/grammy 1\.\d+\.\d+/);

  const records = await readRecords(run.directory);
  expect(ofEvent(records, 'audit.canary')).toHaveLength(1);
  expect(ofEvent(records, 'audit.stream.opened')).toHaveLength(2);
  expect((await botaudit('verify', '--dir', run.directory)).code).toBe(0);
});
