import { createPublicKey } from 'node:crypto';
import { keyIdOf, PublicKeyError } from '@botaudit/record';
import { parsePseudonymKeys, readDecryptionKeys, readRecipient } from '@botaudit/sdk/protection';
import { isOpenToOthers } from './key-files.js';
import { type KeyKind, signingKeyIn } from './key-kinds.js';

/** What is known of a key without showing it. */
export interface KeyDescription {
  readonly kind: KeyKind;
  readonly id: string;
  /** `secret`: of one that is no pair. */
  readonly part: 'private' | 'public' | 'secret';
  readonly file: string;
  /** Whether it is the one that is used, not a former one that only finds or decrypts. */
  readonly current: boolean;
  readonly problem?: string | undefined;
}

/**
 * The keys in a file. What they hold is not told.
 *
 * @param text what stands in the file.
 * @returns none where it holds no key.
 */
export function describeKeys(file: string, text: string): KeyDescription[] {
  const problem = isOpenToOthers(file) ? 'others than its owner may read it' : undefined;
  for (const read of [pseudonyms, privateEncryption, publicEncryption, signing]) {
    try {
      return read(text).map((key, index) => ({
        ...key,
        file,
        current: index === 0,
        problem: key.problem ?? (key.part === 'public' ? undefined : problem),
      }));
    } catch {
      // Of another kind, then.
    }
  }
  return [];
}

type Read = (text: string) => Pick<KeyDescription, 'kind' | 'id' | 'part' | 'problem'>[];

const pseudonyms: Read = (text) =>
  parsePseudonymKeys(text).map(({ name }) => ({ kind: 'pseudonym', id: name, part: 'secret' }));

const privateEncryption: Read = (text) =>
  readDecryptionKeys(text).map(({ kid }) => ({ kind: 'encryption', id: kid, part: 'private' }));

const publicEncryption: Read = (text) => {
  // One that has expired is a key all the same.
  const { kid, expires } = readRecipient(text, undefined, 0);
  const isOver = expires !== undefined && expires.getTime() <= Date.now();
  return [
    {
      kind: 'encryption',
      id: kid,
      part: 'public',
      problem: isOver ? `expired on ${expires.toISOString().slice(0, 10)}` : undefined,
    },
  ];
};

const signing: Read = (text) => {
  if (text.includes('PRIVATE KEY')) return [{ kind: 'signing', id: signingKeyIn(text).id, part: 'private' }];
  if (createPublicKey(text).asymmetricKeyType !== 'ed25519') throw new PublicKeyError('another kind of key');
  return [{ kind: 'signing', id: keyIdOf(text), part: 'public' }];
};
