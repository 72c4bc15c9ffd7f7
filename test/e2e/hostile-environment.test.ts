import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, type BotRunOptions, fixture } from './support/bot-run.ts';
import { expectChained, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

/** A user whom no file of this machine knows, as some clusters give to every pod. */
const NOBODY_KNOWN = 54_321;
const isRoot = process.getuid?.() === 0;
const asStranger = isRoot
  ? ['setpriv', `--reuid=${NOBODY_KNOWN}`, `--regid=${NOBODY_KNOWN}`, '--clear-groups', '--no-new-privs']
  : [];

/** Has a bot answer one command and stop; it must not notice in what surroundings it lives. */
async function live(options: BotRunOptions): Promise<BotRun> {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const run = await BotRun.start(fixture('assistant.mjs'), { telegram, bot: account, ...options });
  await run.while(telegram.awaitPolling(account));
  alice.says(account, '/start');
  await run.while(chat.awaitMessage(({ text }) => text === 'Welcome'));
  await run.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(run.stdout).toBe('');
  return run;
}

async function readOnlyFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o555);
  return folder;
}

test('a random user without a home in a folder that is not theirs: the bot runs, and it is said where records go', async () => {
  const cwd = await readOnlyFolder();
  const scratch = await temporaryFolder();
  await chmod(scratch, 0o777);
  const env = { BOTAUDIT_DIR: undefined, HOME: undefined, TMPDIR: scratch };
  const run = await live({ cwd, env, through: asStranger });
  expect(await readdir(cwd)).toEqual([]);
  expect(run.stderr).toContain('a temporary folder');
  const [journal = ''] = await readdir(scratch);
  const records = await readRecords(join(scratch, journal));
  expectChained(records);
  expect(records.some(({ event }) => event === 'bot.command')).toBe(true);
});

test('nothing can be written anywhere: the bot runs, and it is said that records live in memory alone', async () => {
  const cwd = await readOnlyFolder();
  const env = { BOTAUDIT_DIR: undefined, HOME: '/nonexistent', TMPDIR: cwd };
  const run = await live({ cwd, env, through: asStranger });
  expect(await readdir(cwd)).toEqual([]);
  expect(run.stderr).toMatch(/memory/i);
});

test('a configured folder that cannot be written is named, and another one is used', async () => {
  const cwd = await temporaryFolder();
  if (isRoot) await chown(cwd, NOBODY_KNOWN, NOBODY_KNOWN);
  const directory = join(await readOnlyFolder(), 'journal');
  const run = await live({ cwd, directory, through: asStranger });
  expect(run.stderr).toContain(directory);
  const records = await readRecords(join(cwd, '.botaudit'));
  expectChained(records);
});

test('what is in the way of the journal does not stop the bot either', async () => {
  const cwd = await temporaryFolder();
  const directory = join(cwd, 'journal');
  await writeFile(directory, 'a file, not a folder');
  const run = await live({ cwd, directory });
  expect(run.stderr).toContain(directory);
  expectChained(await readRecords(join(cwd, '.botaudit')));
});

test('a wrong configuration stops the start with file, key and what is allowed; or is survived when asked to', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'botaudit.yaml'), 'durabilty: process\n');
  const telegram = await startTelegram();
  const stopped = await BotRun.start(fixture('assistant.mjs'), { telegram, bot: telegram.addBot(), cwd });
  expect((await stopped.exited).code).not.toBe(0);
  expect(stopped.stderr).toMatch(/botaudit\.yaml/);
  expect(stopped.stderr).toMatch(/durabilty/);
  expect(stopped.stderr).not.toMatch(/^\s+at /m);
  expect(telegram.calls).toEqual([]);
  const run = await live({ cwd, env: { BOTAUDIT_ON_ERROR: 'continue' } });
  const records = await readRecords(run.directory);
  expectChained(records);
  expect(records.map(({ event }) => event)).toContain('audit.config.invalid');
});

test('switched off, it writes nothing and says so', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'home'));
  const run = await live({ cwd, env: { BOTAUDIT_DISABLED: '1', HOME: join(cwd, 'home') } });
  expect(await readdir(cwd)).toEqual(['home']);
  expect(run.stderr).toContain('switched off');
});

test('the folder for temporary files is left as it was', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('botaudit-'));
  const run = await live({});
  expect(run.stderr).not.toContain('a temporary folder');
  const after = (await readdir(tmpdir())).filter((name) => /^botaudit-(?!test-)/.test(name));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
});
