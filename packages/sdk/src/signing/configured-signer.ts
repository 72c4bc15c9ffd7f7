import { readFileSync } from 'node:fs';
import type { ConfigProblem } from '@botaudit/config';
import type { Config } from '../config/load-config.js';
import { Signer, SigningKeyError } from './signer.js';

const ALLOWED =
  'an Ed25519 private key in PEM (PKCS#8, not encrypted), as openssl genpkey -algorithm ed25519 writes it';

/** What a configured key came to. */
export interface ConfiguredSigner {
  /** `undefined` where none is configured, or it is of no use. */
  readonly signer?: Signer;
  readonly problem?: ConfigProblem;
}

/**
 * What signs according to the configuration. Not a part of reading that: who only reads the journal needs no key, and has
 * no right to it.
 */
export function configuredSigner({ key, keyFile }: Config['signing']): ConfiguredSigner {
  const name = key === undefined ? 'signing.key_file' : 'signing.key';
  try {
    if (key !== undefined) return { signer: new Signer(key, 'environment') };
    if (keyFile !== undefined) return { signer: new Signer(readFileSync(keyFile, 'utf8'), 'file') };
    return {};
  } catch (error) {
    const what = error instanceof SigningKeyError ? error.message : `cannot be read (${codeOf(error)})`;
    const problem = keyFile === undefined ? what : `${keyFile} ${what}`;
    return { problem: { key: name, problem, allowed: ALLOWED } };
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
