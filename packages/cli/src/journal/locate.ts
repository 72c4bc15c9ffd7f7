import { accessSync, constants, lstatSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '@botaudit/sdk';
import { Failure } from '../failure.js';
import { say } from '../stderr.js';

/** Where a command finds the journal and the configuration. */
export interface JournalOptions {
  /** `--dir` */
  readonly dir?: string | undefined;
  /** `--config` */
  readonly config?: string | undefined;
}

/** A folder that may be the journal, and who says so. */
interface Candidate {
  readonly path: string;
  readonly source: string;
  /** Whether somebody named it, so that it is waited for where waiting makes sense. */
  readonly named?: boolean;
  /** Whether anybody can make a folder of that name. */
  readonly isPublic?: boolean;
}

/** What a folder turned out to be: a journal, nothing yet that could become one (`problem` says why), or no use. */
interface Found {
  readonly kind: 'journal' | 'nothing-yet' | 'unusable';
  readonly problem: string;
}

/**
 * The folder of the journal: the one given, else the first of those that a bot started here would have written to that
 * holds a stream. Nothing is created.
 *
 * @param wait whether a folder that somebody named will do although it holds no stream yet, or is not there yet.
 * @throws {Failure} when there is none: it names every folder that was looked at, and what is wrong with it.
 * @throws {ConfigError} when the configuration is needed to know, and is wrong.
 */
export async function locateJournal(options: JournalOptions, { wait = false } = {}): Promise<string> {
  const looked: string[] = [];
  let skipped: string | undefined;
  for (const candidate of await candidates(options)) {
    const { path, source, named, isPublic } = candidate;
    const { kind, problem } = isPublic && !isOwn(path) ? NOT_OWN : inspect(path);
    if (kind === 'journal') {
      if (skipped) say(`${skipped}; reading ${path} (${source}) instead`);
      return path;
    }
    if (wait && named && kind === 'nothing-yet') {
      say(`waiting for a bot to write to ${path} (${source}), which ${problem}`);
      return path;
    }
    looked.push(`${path} (${source}) ${problem}`);
    if (named) skipped = looked.at(-1);
  }
  throw new Failure(
    `there is no journal to read: ${looked.join(', ')}. ` +
      'Name its folder with --dir, or start a bot with botaudit run -- node bot.js',
  );
}

/** The configuration as the bot would read it here. */
async function loadConfiguration({ config }: JournalOptions): Promise<Config> {
  const { loadConfig } = await import('@botaudit/sdk');
  if (config === undefined) return loadConfig();
  return loadConfig({ env: { ...process.env, BOTAUDIT_CONFIG: resolve(config) } });
}

/** In the order in which a bot tries them. */
async function candidates(options: JournalOptions): Promise<Candidate[]> {
  if (options.dir !== undefined) return [{ path: resolve(options.dir), source: '--dir', named: true }];
  const { journal, file } = await loadConfiguration(options);
  const configured = process.env.BOTAUDIT_DIR?.trim() ? 'BOTAUDIT_DIR' : `journal.directory in ${file}`;
  return [
    ...(journal.directory === undefined ? [] : [{ path: resolve(journal.directory), source: configured, named: true }]),
    { path: resolve('.botaudit'), source: 'working folder' },
    { path: '/var/lib/botaudit', source: 'system' },
    { path: join(tmpdir(), `botaudit-${process.getuid?.() ?? 0}`), source: 'temporary', isPublic: true },
  ];
}

function inspect(path: string): Found {
  try {
    const streams = join(path, 'streams');
    const names = readdirSync(streams);
    if (names.length > 0) accessSync(streams, constants.X_OK);
    if (names.some((name) => !name.startsWith('.'))) return { kind: 'journal', problem: '' };
    return { kind: 'nothing-yet', problem: 'holds no stream' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'nothing-yet', problem: exists(path) ? 'is no journal' : 'does not exist' };
    return { kind: 'unusable', problem: whyUnreadable(code, path) };
  }
}

/** Why a folder can't be read, to be put after its name; where rights are missing, whose it is. */
export function whyUnreadable(code: string | undefined, path: string): string {
  if (code === 'ENOTDIR') return 'is no folder';
  if (code === 'EACCES' || code === 'EPERM') return `may not be read by uid ${process.geteuid?.()}${ownerOf(path)}`;
  return `can't be read (${code})`;
}

const NOT_OWN: Found = { kind: 'unusable', problem: 'does not exist, or belongs to another user' };

function isOwn(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function ownerOf(path: string): string {
  try {
    const { uid, mode } = statSync(path);
    return `, it belongs to uid ${uid} (mode ${(mode & 0o777).toString(8)})`;
  } catch {
    // Not even that may be known.
    return '';
  }
}
