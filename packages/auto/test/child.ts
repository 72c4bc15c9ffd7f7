import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type BotAccount, type Person, TelegramServer } from '../../../test/platforms/telegram/index.ts';

export const REGISTER = fileURLToPath(new URL('../dist/register.js', import.meta.url));

export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export interface ChildOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly ended: Promise<Ended>;
  /** Waits until this was written to stderr; fails when the process ends without. */
  says(text: string): Promise<void>;
}

/** A Node process of its own. Ends with the test at the latest. */
export function start({ args, env = {}, cwd }: ChildOptions): Child {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    env: { ...inherited, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return {
    ended,
    async says(text) {
      while (!output.stderr.includes(text)) {
        const end = await Promise.race([ended, once(child.stderr, 'data').then(() => undefined)]);
        if (end) throw new Error(`ended without saying "${text}", but: ${end.stderr}`);
      }
    },
  };
}

/** What one line of a journal holds, as far as these tests look. */
export interface Line {
  readonly EventName: string;
  readonly TraceId?: string;
  readonly SpanId?: string;
  readonly Attributes: Readonly<Record<string, { stringValue?: string; intValue?: number; boolValue?: boolean }>>;
}

/** The records of all streams in a folder, in the order of time. */
export function records(directory: string): Line[] {
  if (!existsSync(directory)) return [];
  return globSync('streams/*/[0-9]*.ndjson', { cwd: directory })
    .flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line & { ObservedTimestamp: string })
    .sort((a, b) => Number(BigInt(a.ObservedTimestamp) - BigInt(b.ObservedTimestamp)));
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A Telegram that a child's bot talks to, with a group in which somebody is to be banned. */
export interface Scene {
  readonly telegram: TelegramServer;
  readonly account: BotAccount;
  readonly ada: Person;
  readonly directory: string;
  /** What a bot's process is given. */
  readonly env: Readonly<Record<string, string>>;
  /** Has people talk to the bot, and the bot stop; waits until it did. */
  play(): Promise<void>;
}

export async function makeScene(): Promise<Scene> {
  const telegram = await TelegramServer.start();
  onTestFinished(() => telegram.stop());
  const account = telegram.addBot({ name: 'Moderator' });
  const ada = telegram.addUser({ name: 'Ada' });
  const bob = telegram.addUser({ name: 'Bob' });
  const group = telegram.addGroup({ owner: ada, admins: [account], members: [bob] });
  const directory = join(temporaryFolder(), 'journal');
  return {
    ...{ telegram, account, ada, directory },
    env: { TELEGRAM: telegram.url, TOKEN: account.token, BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off' },
    async play() {
      await telegram.awaitPolling(account);
      ada.says(group, 'idle talk');
      ada.says(group, 'ping');
      ada.says(group, `/ban ${bob.id}`);
      await telegram.awaitCall('sendMessage', ({ args }) => args.text === 'done');
      ada.says(account, '/stop');
    },
  };
}

/** What is on record of a bot's run in such a scene, from its start to its end. */
export const STORY = [
  'bot.started',
  'bot.message',
  'bot.message.send',
  'bot.command',
  'bot.member.ban',
  'bot.member.ban',
  'bot.message.send',
  'bot.command',
  'bot.stopping',
  'bot.stopped',
];

/** The names of a run's records, but those of the stream and of setting the bot up. */
export function story(lines: readonly Line[]): string[] {
  return lines
    .filter(({ EventName, Attributes }) => {
      const method = Attributes['bot.api.method']?.stringValue;
      return !EventName.startsWith('audit.') && method !== 'getMe' && method !== 'deleteWebhook';
    })
    .map(({ EventName }) => EventName);
}
