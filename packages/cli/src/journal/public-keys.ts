import { readFileSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { keyIdOf, PublicKeyError } from '@botaudit/record';
import { Failure } from '../failure.js';

/**
 * The public keys in files: PEM, or 64 hex digits.
 *
 * @throws {Failure} when one can't be read, or holds none.
 */
export function readPublicKeys(paths: readonly string[]): string[] {
  return paths.map((path) => {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new Failure(`${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
    }
    try {
      keyIdOf(text);
    } catch (error) {
      if (!(error instanceof PublicKeyError)) throw error;
      throw new Failure(`${path}: ${error.message}; openssl pkey -in KEY -pubout writes the public one`);
    }
    return text;
  });
}

/** Whether a file lies in a folder, so that who can change the one can change the other. */
export function liesWithin(path: string, folder: string): boolean {
  try {
    return realpathSync(path).startsWith(realpathSync(folder) + sep);
  } catch {
    // It was read a moment ago: where it is now is not worth an error.
    return false;
  }
}
