import { resolve } from 'node:path';
import type { Curve } from '@botaudit/sdk/protection';
import { Failure } from '../failure.js';
import { publicPathOf, writeNew } from '../keys/key-files.js';
import { type KeyKind, type NewKey, newEncryptionKey, newPseudonymKey, newSigningKey } from '../keys/key-kinds.js';
import { Output } from '../output.js';
import { harmless } from '../text/harmless.js';

/** Options of `botaudit keys new`. */
export interface KeysNewOptions {
  readonly out?: string | undefined;
  readonly name?: string | undefined;
  readonly curve?: Curve | undefined;
  readonly expires?: Date | undefined;
  readonly json?: boolean | undefined;
}

/** What each kind of key is for, said after it was made. */
const NEXT: Readonly<Record<KeyKind, string>> = {
  signing: 'name the private key in signing.key_file; take the public one to where the journal is verified',
  pseudonym: 'name it in protection.pseudonym.key_file; auditors who may find people by their ids need it too',
  encryption:
    'name the public key in protection.encrypt.recipients; the private one stays with the auditor, never with the bot',
};

/** Makes a key and writes it into new files, the private one for its owner alone. */
export async function keysNew(kind: KeyKind, options: KeysNewOptions): Promise<void> {
  if (kind !== 'pseudonym' && options.name !== undefined) throw Failure.usage('--name is of keys for pseudonyms alone');
  if (kind !== 'encryption' && (options.curve ?? options.expires) !== undefined) {
    throw Failure.usage('--curve and --expires are of keys for encryption alone');
  }
  const file = resolve(options.out ?? `${kind}.key`);
  const key = made(kind, options);
  writeNew(file, key.privateText, 'private');
  const publicFile = key.publicText === undefined ? undefined : publicPathOf(file);
  if (publicFile !== undefined) writeNew(publicFile, key.publicText as string, 'public');
  const output = new Output();
  if (options.json) {
    output.line(JSON.stringify({ kind, id: key.id, file, public_file: publicFile ?? null }));
  } else {
    output.line(`${kind} key ${key.id}`);
    output.line(`  ${harmless(file)}, ${publicFile === undefined ? 'secret' : 'private'}: its owner alone may read it`);
    if (publicFile !== undefined) output.line(`  ${harmless(publicFile)}, public`);
    output.line(NEXT[kind]);
  }
  await output.flush();
}

function made(kind: KeyKind, options: KeysNewOptions): NewKey {
  if (kind === 'signing') return newSigningKey();
  return kind === 'pseudonym' ? newPseudonymKey(options) : newEncryptionKey(options);
}
