import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jcs, toPlain } from '@botaudit/record';
import { keepSecret } from './keep-secret.js';

const KEY_FILE = 'arguments.key';
const KEY_BYTES = 32;

/**
 * Keyed hashes of what an action was called with: HMAC-SHA256, so that equal arguments can be told from different ones
 * while guessing them is of no use to who doesn't have the key.
 */
export class ArgumentHash {
  readonly #key: KeyObject;
  /** Why the key could not be kept, so that hashes of another process or run don't compare. */
  readonly problem: string | undefined;

  private constructor(key: Buffer, problem?: string) {
    this.#key = createSecretKey(key);
    this.problem = problem;
  }

  /**
   * With the key that is kept in the journal's folder, made when it is not there yet. Never throws: where it can't be
   * kept, it is good for this thread alone.
   *
   * @param directory `undefined` where there is no folder.
   */
  static open(directory: string | undefined): ArgumentHash {
    const fresh = randomBytes(KEY_BYTES);
    if (directory === undefined) return new ArgumentHash(fresh);
    const path = join(directory, KEY_FILE);
    try {
      return new ArgumentHash(
        readKey(path) ?? (keepSecret(path, `${fresh.toString('hex')}\n`) ? fresh : (readKey(path) ?? fresh)),
      );
    } catch (error) {
      return new ArgumentHash(fresh, `${path}: ${(error as Error).message}`);
    }
  }

  /**
   * Lower-case hex; `undefined` when the arguments have no canonical form, or one that others share since not all of them
   * could be taken over (a stream that leads back to itself, a file of too many parts). Never throws.
   */
  of(method: string, args: unknown): string | undefined {
    try {
      let isWhole = true;
      const plain = toPlain(args, () => {
        isWhole = false;
      });
      if (!isWhole) return undefined;
      return createHmac('sha256', this.#key)
        .update(jcs([toPlain(method) ?? '', plain ?? null]))
        .digest('hex');
    } catch {
      // No hash is a smaller loss than an action that fails for it.
      return undefined;
    }
  }
}

/** @returns `undefined` when there is none. */
function readKey(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error('is not a key; remove it to have a new one made');
  return Buffer.from(text, 'hex');
}
