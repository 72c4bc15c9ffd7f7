import { dirname } from 'node:path';
import { errorCode } from './errors.js';
import { chmodSync, fchmodSync, mkdirSync, openSync, statSync } from './file-system.js';

/**
 * Who may read a journal. Default: its owner alone (0700, 0600). With `groupRead` the group of the folder too (0750,
 * 0640), for others that read it under another uid.
 */
export interface Access {
  readonly groupRead?: boolean | undefined;
}

/** Creates a folder, and its parents, unless it is there. An existing one keeps its rights: they are somebody's choice. */
export function makeFolder(path: string, access: Access): void {
  // Not mkdir's own way of making parents: it reports a read-only file system as a folder that is missing.
  try {
    makeUnlessThere(path, access);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path), access);
    makeUnlessThere(path, access);
  }
}

function makeUnlessThere(path: string, access: Access): void {
  try {
    makeNewFolder(path, access);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Creates a folder in one that is there; throws `EEXIST` when it is there already. */
function makeNewFolder(path: string, access: Access): void {
  mkdirSync(path, { mode: folderMode(access) });
  grantGroup(path, access);
}

/**
 * Creates the folder of a stream, in one that is there; throws `EEXIST` when it is there already. Where the group may
 * read, and somebody made the journal's folder one that it may write to, it may add files here: a sidecar that ships
 * under another uid notes down how far it got. The sticky bit keeps it from removing or replacing what the writer made.
 */
export function makeStreamFolder(path: string, journalDirectory: string, access: Access): void {
  makeNewFolder(path, access);
  if (access.groupRead && (statSync(journalDirectory).mode & 0o020) !== 0) {
    chmodSync(path, 0o1770 | (statSync(path).mode & 0o2000));
  }
}

/**
 * Creates a file that must not be there yet and opens it with `flags`, which hold `O_CREAT | O_EXCL`.
 *
 * @returns its descriptor.
 */
export function createFile(path: string, flags: number, { groupRead }: Access): number {
  const fd = openSync(path, flags, groupRead ? 0o640 : 0o600);
  if (groupRead) fchmodSync(fd, 0o640);
  return fd;
}

function folderMode({ groupRead }: Access): number {
  return groupRead ? 0o750 : 0o700;
}

/** The umask may have taken the group's bits. A set-group-id bit stays: it hands a volume's group down. */
function grantGroup(path: string, access: Access): void {
  if (access.groupRead) chmodSync(path, folderMode(access) | (statSync(path).mode & 0o2000));
}
