import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { expect, type TestContext, test } from 'vitest';
import type { TelegramServer } from '../platforms/telegram/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, fixture } from './support/bot-run.ts';
import { expectConnected, expectSentIsRecorded } from './support/comparison.ts';
import { expectChained, ofEvent, type PlainRecord, readRecords } from './support/records.ts';
import { startTelegram } from './support/telegram.ts';

const run = promisify(execFile);
const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url));
const FLAG = ['--import', '@botaudit/auto/register'];
/** Of the time before logs: an application may have stayed there. No dependency of this project. */
const OLD_TRACING = ['@opentelemetry/api@1.9.0', '@opentelemetry/sdk-trace-node@2.2.0'];
const TIMEOUT_MS = 300_000;

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const npm = (cwd: string, ...args: string[]) => run('npm', args, { cwd, maxBuffer: 1 << 26 });

/** Packs every package into `folder`. */
async function pack(folder: string): Promise<Packed[]> {
  const paths = (await readdir(PACKAGES)).map((name) => join(PACKAGES, name));
  const { stdout } = await npm(folder, 'pack', '--json', '--ignore-scripts', ...paths);
  return Object.values(JSON.parse(stdout) as Record<string, Packed>);
}

/** A project outside of the repository, with the packed packages and grammY installed, and more where it is asked for. */
async function project(...more: string[]): Promise<string> {
  return projectWith(() => true, ...more);
}

/** The same, with those packages alone whose tarballs are `wanted`. */
async function projectWith(wanted: (tarball: string) => boolean, ...more: string[]): Promise<string> {
  const folder = await temporaryFolder();
  const packed = (await pack(folder)).map(({ filename }) => filename);
  const tarballs = packed.filter(wanted).map((filename) => `./${filename}`);
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.resolve('grammy')), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }));
  await npm(
    folder,
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    ...tarballs,
    `grammy@${version}`,
    ...more,
  );
  return folder;
}

/** Has a bot in a project answer one command. */
async function answerOnce(telegram: TelegramServer, folder: string, file: string) {
  await copyFile(fixture(file), join(folder, 'bot.js'));
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const bot = await BotRun.start('bot.js', { telegram, bot: account, cwd: folder, nodeOptions: FLAG });
  await bot.while(telegram.awaitPolling(account));
  alice.says(account, '/start');
  await bot.while(chat.awaitMessage(({ text }) => text === 'Welcome'));
  await bot.while(telegram.until(() => account.queue.pending.length === 0 && account.queue.polled));
  expect(await bot.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await readRecords(bot.directory);
  expectChained(records);
  expectConnected(records);
  expectSentIsRecorded(telegram, account, records);
  return { bot, records };
}

test('tarballs hold what is needed and no more', { timeout: TIMEOUT_MS }, async () => {
  for (const { filename, files } of await pack(await temporaryFolder())) {
    const paths = files.map(({ path }) => path);
    expect(paths, filename).toContain('README.md');
    for (const path of paths)
      expect(path).toMatch(
        /^(bin\/botaudit\.js|dist\/.+\.(m?js|d\.m?ts)|README\.md|LICENSE|dist\/THIRD-PARTY-LICENSES\.txt|package\.json)$/,
      );
  }
});

test('a project elsewhere installs the tarballs, and its bot is audited', { timeout: TIMEOUT_MS }, async () => {
  const folder = await project();
  const { bot } = await answerOnce(await startTelegram(), folder, 'assistant.mjs');
  const cli = join(folder, 'node_modules', '.bin', 'botaudit');
  const { stdout } = await run(process.execPath, [cli, 'verify', bot.directory], { cwd: folder });
  expect(stdout).toContain('consistent');
});

test('the flag’s package alone is enough, and reads a configuration file', { timeout: TIMEOUT_MS }, async () => {
  const folder = await projectWith((tarball) => /^botaudit-(?:auto|api|record)-/.test(tarball));
  await writeFile(join(folder, 'botaudit.yaml'), 'policy:\n  rules:\n    - { event: bot.query.answer, level: none }\n');
  const { records } = await answerOnce(await startTelegram(), folder, 'assistant.mjs');
  const [loaded] = ofEvent(records, 'audit.policy.loaded');
  expect(inspect(loaded, { depth: null })).toContain('bot.query.answer');
});

/** The project's own traces, as its exporter printed them. */
function spansIn(stdout: string): { name: string; traceId: string; spanId: string; parent?: string }[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function ids({ traceId, spanId }: PlainRecord | { traceId: string; spanId: string }): unknown {
  return { traceId, spanId };
}

test('records join the traces of an application on OpenTelemetry 1.9', { timeout: TIMEOUT_MS }, async (context) => {
  const folder = await project(...OLD_TRACING).catch((error: Error) => skipOffline(context, error));
  const { bot, records } = await answerOnce(await startTelegram(), folder, 'own-tracing.mjs.template');
  const spans = spansIn(bot.stdout);
  const span = (name: string) => spans.find((one) => one.name === name) ?? expect.fail(`no span "${name}"`);
  const [command] = ofEvent(records, 'bot.command');
  const [sent] = ofEvent(records, 'bot.message.send');
  expect(command && ids(command)).toEqual(ids(span('telegram message')));
  expect(span('look up the customer').parent).toBe(command?.spanId);
  expect(sent && ids(sent)).toEqual(ids(span('telegram sendMessage')));
  expect(span('telegram sendMessage').parent).toBe(span('look up the customer').spanId);
});

/** These packages are no part of the project: where they are not in npm's cache, the network is needed. */
function skipOffline(context: TestContext, error: Error): never {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED|ETIMEDOUT/.test(error.message)) context.skip('no network');
  throw error;
}
