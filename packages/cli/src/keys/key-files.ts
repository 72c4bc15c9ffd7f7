import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Failure } from '../failure.js';

/** Who may read a file: a private key its owner alone. */
const MODES = { private: 0o600, public: 0o644 } as const;

/**
 * Writes a new file, whole or not at all.
 *
 * @throws {Failure} when there is one of that name.
 */
export function writeNew(path: string, text: string, kind: keyof typeof MODES): void {
  const temporary = writeBeside(path, text, kind);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Failure(`${path} is there already, and is left as it is; botaudit keys rotate puts a new key into it`);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Replaces a file, in one step: whoever reads it meanwhile reads the one or the other. */
export function replace(path: string, text: string, kind: keyof typeof MODES): void {
  const temporary = writeBeside(path, text, kind);
  try {
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** @throws {Failure} when the folder is not there, or not to be written to. */
function writeBeside(path: string, text: string, kind: keyof typeof MODES): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: MODES[kind], flag: 'wx' });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Failure(`${path} can't be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return temporary;
}

/** @throws {Failure} when it can't be read. */
export function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Where the public key stands beside a private one: `auditor.key`, `auditor.pub`. */
export function publicPathOf(path: string): string {
  return `${path.replace(/\.(?:key|pem|jwk)$/, '')}.pub`;
}

/** Whether others than its owner may read a file. */
export function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}
