import { randomBytes } from 'node:crypto';
import { linkSync, unlinkSync, writeFileSync } from 'node:fs';

/**
 * Puts a new secret into a file of its own (0600), whole or not at all: another process may be doing the same.
 *
 * @returns whether it is now there; `false` when another was faster.
 * @throws what the file system throws.
 */
export function keepSecret(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // A file system without links; there the file may be seen empty for an instant.
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    return true;
  } finally {
    unlinkSync(temporary);
  }
}
