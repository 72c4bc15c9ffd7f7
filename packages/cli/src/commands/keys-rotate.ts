import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../failure.js';
import { publicPathOf, readKeyFile, replace, writeNew } from '../keys/key-files.js';
import {
  type KeyKind,
  newSigningKey,
  type Rotated,
  rotateEncryptionKey,
  rotatePseudonymKey,
  signingKeyIn,
} from '../keys/key-kinds.js';
import { Output } from '../output.js';
import { harmless } from '../text/harmless.js';

/** Options of `botaudit keys rotate`. */
export interface KeysRotateOptions {
  readonly name?: string | undefined;
  readonly expires?: Date | undefined;
  readonly json?: boolean | undefined;
}

/** What has to be done with a key that was replaced. */
const NEXT: Readonly<Record<KeyKind, string>> = {
  signing: 'start the bots anew; the former public key still verifies what it signed: give verify both',
  pseudonym:
    'start the bots anew: whoever acts gets a new pseudonym; the former key stays in the file, so that search finds the old',
  encryption:
    'give the public key to the bots and start them anew; the former private key stays in the file, and decrypts what it has',
};

/** Puts a new key in the place of the one in a file; the former is kept for what was made with it. */
export async function keysRotate(kind: KeyKind, path: string, options: KeysRotateOptions): Promise<void> {
  if (kind !== 'pseudonym' && options.name !== undefined) throw Failure.usage('--name is of keys for pseudonyms alone');
  if (kind !== 'encryption' && options.expires !== undefined) {
    throw Failure.usage('--expires is of keys for encryption alone');
  }
  const file = resolve(path);
  const text = readKeyFile(file);
  const { id, formerId, privateText, publicText, kept } = rotated(kind, file, text, options);
  // The former is safe before anything is replaced.
  for (const [former, content, part] of kept) if (!existsSync(former)) writeNew(former, content, part);
  replace(file, privateText, 'private');
  const publicFile = publicText === undefined ? undefined : publicPathOf(file);
  if (publicFile !== undefined) replace(publicFile, publicText as string, 'public');
  const output = new Output();
  if (options.json) {
    const former = kept.map(([formerFile]) => formerFile);
    output.line(
      JSON.stringify({ kind, id, former_id: formerId, file, public_file: publicFile ?? null, former_files: former }),
    );
  } else {
    output.line(`${kind} key ${id}, in place of ${formerId}`);
    output.line(`  ${harmless(file)}`);
    if (publicFile !== undefined) output.line(`  ${harmless(publicFile)}, public`);
    for (const [former] of kept) output.line(`  ${harmless(former)}, the former`);
    output.line(NEXT[kind]);
  }
  await output.flush();
}

type Kept = readonly (readonly [file: string, text: string, part: 'private' | 'public'])[];

function rotated(
  kind: KeyKind,
  file: string,
  text: string,
  options: KeysRotateOptions,
): Rotated & { readonly kept: Kept } {
  try {
    if (kind === 'pseudonym') return { ...rotatePseudonymKey(text, options), kept: [] };
    if (kind === 'encryption') return { ...rotateEncryptionKey(text, options), kept: [] };
    const { id: formerId, publicText } = signingKeyIn(text);
    const kept: Kept = [
      [`${file}.${formerId.slice(0, 16)}`, text, 'private'],
      [`${publicPathOf(file)}.${formerId.slice(0, 16)}`, publicText, 'public'],
    ];
    return { ...newSigningKey(), formerId, kept };
  } catch (error) {
    if (error instanceof Failure) throw error;
    // What the parser of a PEM says could quote it.
    const isOurs = /^(?:PseudonymKey|DecryptionKey)Error$/.test((error as Error).name);
    throw new Failure(
      `${file} ${isOurs ? (error as Error).message : 'is no private key that signs (Ed25519, PKCS#8 in PEM)'}`,
    );
  }
}
