import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fixture } from './support/bot-run.ts';
import { expectChained, ofEvent, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
/** What `npm start` does once all is installed and built, as it is where tests run. */
const PREPARED = fileURLToPath(new URL('../../scripts/demo/run.ts', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly cwd: string;
  readonly output: { stdout: string; stderr: string };
  readonly code: Promise<number | null>;
}

/** `npm start -- args`, called from a folder of its own. */
async function npmStart(args: readonly string[], env: NodeJS.ProcessEnv = {}, script = PREPARED): Promise<Started> {
  const cwd = await temporaryFolder();
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, INIT_CWD: cwd, BOTAUDIT_METRICS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const code = once(child, 'close').then(([exit]) => exit as number | null);
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await code;
  });
  return { child, cwd, output, code };
}

test('npm start audits the sample bot, prints its records, verifies them, and ends by itself', async () => {
  const { cwd, output, code } = await npmStart([]);
  expect(await code, output.stderr).toBe(0);
  expect(output.stdout).toMatch(/Alice: \/rules\n.*bot\.command +\/rules/);
  expect(output.stdout).toMatch(/✗ BAN .*can't remove chat owner/);
  expect(output.stdout).toContain(`The journal is in ${join(cwd, '.botaudit')}. To verify it:`);
  expect(output.stdout).toMatch(
    /consistent \(unsigned\): 1 stream, \d+ records; \d+ checkpoints, said to be signed by [0-9a-f]+, .*--public-key\n$/,
  );
  const records = await readRecords(join(cwd, '.botaudit'));
  expectChained(records);
  expect(output.stdout.match(/^\d{4}-\d\d-\d\dT/gm)).toHaveLength(records.length);
  expect(await readdir(cwd)).toEqual(['.botaudit']);
});

test('npm start says where the journal is when the folder that was named can’t be one', async () => {
  const { cwd, output, code } = await npmStart([], { BOTAUDIT_DIR: START });
  expect(await code, output.stderr).toBe(0);
  const journal = join(cwd, '.botaudit');
  expect(output.stderr).toContain(
    `npm start: ${START} cannot be written (EEXIST); the journal goes to ${journal} instead\n`,
  );
  expect(output.stdout).toContain(`The journal is in ${journal}. To verify it:`);
  expect(ofEvent(await readRecords(journal), 'bot.stopped')).toHaveLength(1);
});

test('npm start -- --stay lets the sample bot run on after its evening, until it is told to end', async () => {
  const { child, cwd, output, code } = await npmStart(['--stay']);
  await eventually('the end of the evening', () => output.stdout.includes('stays until Ctrl-C') || undefined);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await code, output.stderr).toBe(0);
  const records = await readRecords(join(cwd, '.botaudit'));
  expectChained(records);
  expect(ofEvent(records, 'bot.stopped')).toHaveLength(1);
});

test('npm start -- bot.js audits one’s own bot, and ends as the bot ends', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const env = { BOT_TOKEN: account.token, TELEGRAM_API_ROOT: telegram.url, CHAT_ID: `${group.id}` };
  const { cwd, output, code } = await npmStart([fixture('ends.mjs'), 'calls process.exit'], env);
  expect(await code, output.stderr).toBe(3);
  expect(output.stdout).toMatch(/bot\.message\.send +sendMessage/);
  expect(output.stdout).toContain('consistent (unsigned): 1 stream');
  expect(ofEvent(await readRecords(join(cwd, '.botaudit')), 'bot.message.send')).toHaveLength(1);
});

test.for(['SIGINT', 'SIGTERM'] as const)('%s ends the bot and npm start with it, nothing is lost', async (signal) => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  const env = { BOT_TOKEN: account.token, TELEGRAM_API_ROOT: telegram.url, CHAT_ID: `${group.id}` };
  const { child, cwd, output, code } = await npmStart([fixture('ends.mjs'), 'handles a signal'], env);
  const ready = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => output.stdout.includes('ready\n') && resolve());
  });
  await Promise.race([ready, code]);
  child.kill(signal);
  expect(await code, output.stderr).toBe(7);
  expect(group.messages.at(-1)?.text).toBe('Last words');
  const records = await readRecords(join(cwd, '.botaudit'));
  expect(ofEvent(records, 'bot.message.send')).toHaveLength(2);
  expect(records.at(-1)?.attributes['audit.sequence.end']).toBe(true);
});

test('a bot file that is not there is named, without a stack trace', async () => {
  const { cwd, output, code } = await npmStart(['no/bot.js'], {}, START);
  expect(await code).toBe(1);
  expect(output.stderr).toContain(`npm start: ${join(cwd, 'no/bot.js')} is no file`);
  expect(output.stderr).not.toMatch(/^\s+at /m);
  expect(await readdir(cwd)).toEqual([]);
});
