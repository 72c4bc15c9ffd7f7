import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Access, createFile, makeFolder } from './access.js';
import { errorCode } from './errors.js';
import { closeSync, constants, lstatSync, mkdtempSync, openSync, unlinkSync, writeSync } from './file-system.js';
import { streamsFolder } from './layout.js';

/**
 * Which folder a journal got. `configured`: the one that `BOTAUDIT_DIR` names. `working-folder`: `.botaudit` in it.
 * `var-lib`: `/var/lib/botaudit`. `ephemeral`: a temporary folder, which a restart of the machine or pod may clear.
 * `memory`: none could be written.
 */
export type DirectoryKind = 'configured' | 'working-folder' | 'var-lib' | 'ephemeral' | 'memory';

export interface ChosenDirectory {
  /** Absolute path; empty for `memory`. */
  readonly path: string;
  readonly kind: DirectoryKind;
  /** Which folders could not be written, and why; absent when the first choice could. */
  readonly problem?: string | undefined;
}

export interface ChooseDirectoryOptions {
  /** `BOTAUDIT_DIR` is read from it, and `TMPDIR` by way of the system. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** Whether the folder's group may read; default `BOTAUDIT_GROUP_READ=1`. */
  readonly groupRead?: boolean | undefined;
  /** Third choice. Default `/var/lib/botaudit`. */
  readonly varLib?: string | undefined;
  /** Where temporary folders are made. Default the system's. */
  readonly temporary?: string | undefined;
}

/**
 * Finds a folder that can really be written, creates it (0700, with a `.gitignore`), and says which it is. A folder that
 * can't be written never stops a bot, so this never throws.
 */
export function chooseDirectory({ env, cwd, groupRead, varLib, temporary }: ChooseDirectoryOptions): ChosenDirectory {
  const access: Access = { groupRead: groupRead ?? env.BOTAUDIT_GROUP_READ === '1' };
  const configured = env.BOTAUDIT_DIR;
  const choices: [DirectoryKind, string][] = [
    ['working-folder', join(cwd, '.botaudit')],
    ['var-lib', varLib ?? '/var/lib/botaudit'],
  ];
  if (configured) choices.unshift(['configured', resolve(cwd, configured)]);
  const problems: string[] = [];
  const attempt = (kind: DirectoryKind, make: () => string): ChosenDirectory | undefined => {
    try {
      const path = make();
      return { path, kind, problem: problems.length > 0 ? problems.join('; ') : undefined };
    } catch (error) {
      problems.push((error as UnusableFolder).message);
      return undefined;
    }
  };
  for (const [kind, path] of choices) {
    const chosen = attempt(kind, () => makeJournalFolder(path, access));
    if (chosen) return chosen;
  }
  const base = temporary ?? tmpdir();
  return (
    attempt('ephemeral', () => makeJournalFolder(ownTemporary(base, access), access)) ?? {
      path: '',
      kind: 'memory',
      problem: problems.join('; '),
    }
  );
}

/**
 * Makes a journal's folder ready and proves that it can be written: rights alone say nothing on a read-only file system.
 *
 * @returns `path`.
 * @throws {UnusableFolder} when it can't be.
 */
export function makeJournalFolder(path: string, access: Access = {}): string {
  try {
    makeFolder(path, access);
    ignoreInGit(path, access);
    makeFolder(streamsFolder(path), access);
    const probe = join(streamsFolder(path), `.probe-${randomBytes(6).toString('hex')}`);
    closeSync(openSync(probe, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
    unlinkSync(probe);
    return path;
  } catch (error) {
    throw new UnusableFolder(path, error);
  }
}

/** Somebody's repository must not take a journal in by `git add .`. */
function ignoreInGit(path: string, access: Access): void {
  try {
    const fd = createFile(join(path, '.gitignore'), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, access);
    try {
      writeSync(fd, '*\n');
    } finally {
      closeSync(fd);
    }
  } catch {
    // It is there already, or the folder can't be written: then the probe says so.
  }
}

/**
 * A folder below the temporary one, the same after a restart, so that what is left there gets shipped. Everybody may
 * write there, so one that somebody else made in our name is not taken.
 */
function ownTemporary(base: string, access: Access): string {
  const uid = process.getuid?.() ?? 0;
  const path = join(base, `botaudit-${uid}`);
  try {
    makeFolder(path, access);
    const stats = lstatSync(path);
    if (stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0) return path;
  } catch {
    // A file or a dangling link in our name; or nothing can be made here, which the next step finds as well.
  }
  try {
    return mkdtempSync(`${path}-`);
  } catch (error) {
    throw new UnusableFolder(base, error);
  }
}

/** A folder that was tried in vain. */
class UnusableFolder extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} cannot be written (${errorCode(cause)})`, { cause });
  }
}
