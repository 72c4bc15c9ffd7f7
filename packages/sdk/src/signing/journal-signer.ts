import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepSecret } from '../backend/keep-secret.js';
import { Signer, SigningKeyError } from './signer.js';

const KEY_FILE = 'signing.key';
const PUBLIC_KEY_FILE = 'signing.pub';

/** What signs with the key in the journal's folder. */
export interface JournalSigner {
  readonly signer: Signer;
  /** The private key's file. */
  readonly path: string;
  /** The public key's file, beside it. */
  readonly publicPath: string;
  /** Whether the key was made just now. */
  readonly isNew: boolean;
}

/**
 * The key in the journal's folder, made when it is not there yet, and beside it its public key, for people to take away.
 *
 * @param groupRead whether the folder's group may read the public key; the private one it never may.
 * @throws {Error} when it can't be read, kept, or is none; the message names the file.
 */
export function journalSigner(directory: string, groupRead: boolean): JournalSigner {
  const path = join(directory, KEY_FILE);
  const publicPath = join(directory, PUBLIC_KEY_FILE);
  let isNew = false;
  try {
    let signer = readSigner(path);
    if (!signer) {
      const { privateKey } = generateKeyPairSync('ed25519');
      isNew = keepSecret(path, privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
      signer = readSigner(path);
    }
    if (!signer) throw new Error('is gone again');
    publish(publicPath, signer.publicKey, groupRead);
    return { signer, path, publicPath, isNew };
  } catch (error) {
    const mend = error instanceof SigningKeyError ? '; remove it to have a new one made' : '';
    throw new Error(`${path} ${(error as Error).message}${mend}`, { cause: error });
  }
}

function readSigner(path: string): Signer | undefined {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return new Signer(pem, 'journal');
}

/** Whoever may come here may have it; that it can't be put here costs nothing but the comfort. */
function publish(path: string, publicKey: string, groupRead: boolean): void {
  try {
    if (readFileSync(path, 'utf8') === publicKey) return;
  } catch {
    // Not there, or not readable: it is written anew.
  }
  try {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    writeFileSync(temporary, publicKey, { mode: groupRead ? 0o640 : 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch {
    // `openssl pkey -pubout` gives the same, and each opening record holds it.
  }
}
