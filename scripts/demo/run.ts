// What `npm start` does once everything is built: audits the sample bot in a group chat that is played for it, with
// `--stay` until it is told to end, or the bot whose file was named.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { chooseDirectory } from '@botaudit/journal';
import { loadConfig } from '@botaudit/sdk';
import { TelegramServer } from '../../test/platforms/telegram/index.ts';
import { exitCode, passSignals, startBot } from './bot-process.ts';
import { play, setStage } from './chat.ts';
import { LiveRecords } from './live-records.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const SAMPLE_BOT = path('examples/moderation-bot/bot.js');
const CLI = path('packages/cli/dist/main.js');

/** Where npm was called: there the user's files are, and the journal goes. */
const { INIT_CWD: cwd = process.cwd(), BOTAUDIT_DIR = '.botaudit' } = process.env;

const say = (text = '') => process.stdout.write(`${text}\n`);
const strong = (text: string) => styleText('bold', text);

/** The folder that the bot will choose; none where the configuration is wrong, of which the bot tells itself. */
function journalFolder(): string {
  try {
    const { journal } = loadConfig({ env: process.env, cwd });
    return chooseDirectory({ env: { ...process.env, BOTAUDIT_DIR: journal.directory }, cwd }).path;
  } catch {
    return '';
  }
}

async function verify(directory: string): Promise<number> {
  const isHere = !relative(path('.'), cwd).startsWith('..');
  say(`The journal is in ${directory}. To verify it:`);
  say(strong(`  ${isHere ? 'npx botaudit' : `node ${CLI}`} verify ${relative(cwd, directory) || '.'}`));
  return exitCode(spawn(process.execPath, [CLI, 'verify', directory], { stdio: 'inherit' }));
}

/** The folder for the sample bot's journal: the one that was asked for, else that which any bot would take instead. */
function sampleFolder(): string {
  const { path, problem } = chooseDirectory({ env: { ...process.env, BOTAUDIT_DIR }, cwd });
  if (path === '') throw new Error(`no folder for a journal: ${problem}; set BOTAUDIT_DIR to one that can be written`);
  if (problem !== undefined) process.stderr.write(`npm start: ${problem}; the journal goes to ${path} instead\n`);
  return path;
}

async function playDemo(stays: boolean): Promise<number> {
  const directory = sampleFolder();
  const live = new LiveRecords(directory);
  const telegram = await TelegramServer.start();
  const stage = setStage(telegram);
  const curtain = new AbortController();
  const env = {
    OTEL_SERVICE_NAME: 'moderation-bot',
    ...process.env,
    BOTAUDIT_DIR: directory,
    BOT_TOKEN: stage.bot.token,
    TELEGRAM_API_ROOT: telegram.url,
  };
  say('A group chat is played for a bot which knows nothing of auditing. It runs as');
  say(strong('  node --import @botaudit/auto/register examples/moderation-bot/bot.js'));
  say('and below each thing that somebody does stand the records that it led to.\n');
  const bot = startBot(SAMPLE_BOT, [], cwd, env);
  const ended = exitCode(bot);
  passSignals(bot, () => curtain.abort());
  const narrate = (who: string, what: string) => live.print(`\n${strong(`${who}:`)} ${what}`);
  const broken = ended.then((code) => Promise.reject(new Error(`the bot ended early, with ${code}`)));
  try {
    await Promise.race([play(stage, narrate, curtain.signal), broken]);
    if (stays) {
      await live.print(`\n${strong('The evening is over;')} the bot stays until Ctrl-C.`);
      await Promise.race([once(curtain.signal, 'abort'), broken]);
    } else await live.print(`\n${strong('The evening is over;')} the bot is told to stop.`);
  } catch (error) {
    if (!curtain.signal.aborted) throw error;
  } finally {
    broken.catch(() => undefined);
    if (bot.exitCode === null) bot.kill('SIGTERM');
    await ended;
    await telegram.stop();
    await live.stop();
  }
  if (curtain.signal.aborted) return ended;
  say();
  return verify(directory);
}

async function auditBot(file: string, args: readonly string[]): Promise<number> {
  const directory = journalFolder();
  const live = directory === '' ? undefined : new LiveRecords(directory);
  const bot = startBot(resolve(cwd, file), args, cwd, process.env);
  passSignals(bot);
  live?.start();
  const code = await exitCode(bot);
  await live?.stop();
  if (live && live.count > 0) await verify(directory);
  else say('No record was made. Is there a supported framework in this bot?');
  return code;
}

const [file, ...args] = process.argv.slice(2);
try {
  process.exitCode = await (file === undefined || file === '--stay'
    ? playDemo(file === '--stay')
    : auditBot(file, args));
} catch (error) {
  process.stderr.write(`npm start: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
