import { createSecretKey, type KeyObject } from 'node:crypto';
import { KeyedHash } from './keyed-hash.js';

/** 132 bits, in base64url: nobody finds two ids with one pseudonym, and it is short enough for a line. */
const PSEUDONYM_CHARACTERS = 22;
const SECRET_BYTES = 32;
/** Ids of a busy bot; a program that makes them up must not fill the memory. */
const MAX_KEPT = 10_000;

/** A key that pseudonyms are made with. */
export interface PseudonymKey {
  /** Stands in each pseudonym: lower-case letters, digits and `-`. */
  readonly name: string;
  readonly secret: KeyObject;
}

/** A text or a file holds no key for pseudonyms. Says nothing of what it holds. */
export class PseudonymKeyError extends Error {
  override readonly name = 'PseudonymKeyError';
}

const LINE = /^([a-z0-9][a-z0-9-]{0,31}):([A-Za-z0-9_-]{43})$/;

/**
 * The keys in a text, a line each, `<name>:<32 bytes in base64url>`: the first makes pseudonyms, those after it are
 * former ones, which only finding needs. Lines that begin with `#` say something to people.
 *
 * @throws {PseudonymKeyError}
 */
export function parsePseudonymKeys(text: string): readonly PseudonymKey[] {
  const lines = text
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new PseudonymKeyError('holds no key');
  const keys = lines.map((line, index) => {
    const [, name, secret] = LINE.exec(line) ?? [];
    if (name === undefined || secret === undefined) {
      const what = line.includes('-----BEGIN') || line.startsWith('{') ? 'is a key of another kind' : 'is none';
      throw new PseudonymKeyError(`key ${index + 1} ${what}`);
    }
    return { name, secret: createSecretKey(Buffer.from(secret, 'base64url')) };
  });
  const twice = keys.find(({ name }, index) => keys.findIndex((other) => other.name === name) !== index);
  if (twice) throw new PseudonymKeyError(`holds two keys of the name ${twice.name}`);
  return keys;
}

/** A key's line, as {@link parsePseudonymKeys} reads it. */
export function pseudonymKeyLine(name: string, secret: Buffer): string {
  if (secret.length !== SECRET_BYTES) throw new RangeError(`a key for pseudonyms has ${SECRET_BYTES} bytes`);
  return `${name}:${secret.toString('base64url')}`;
}

/** How long the namespace before an id is, with its colon; 0 where it has none. */
function namespaceLength(id: string): number {
  const colon = id.indexOf(':');
  if (colon < 1 || colon === id.length - 1) return 0;
  for (let index = 0; index < colon; index++) {
    const code = id.charCodeAt(index);
    const isLetter = code >= 0x61 && code <= 0x7a;
    // Digits, `_`, `.` and `-` as well, but not first.
    if (!isLetter && (index === 0 || !/[0-9_.-]/.test(id.charAt(index)))) return 0;
  }
  return colon + 1;
}

/** What no person has: it stays as it is. */
function isNobody(id: string): boolean {
  return id === 'unknown' || id === 'anonymous' || id.startsWith('service:');
}

/**
 * Pseudonyms of ids: HMAC-SHA-256 of `<namespace>:<id>` in base64url, its first 22 characters (132 bits). The same id has the same one as long as the
 * key is used, wherever it stands; who has the key can compute it, and nobody can go back.
 */
export class Pseudonyms {
  readonly #keys: readonly { readonly name: string; readonly hash: KeyedHash }[];
  readonly #known = new Map<string, string>();

  /** @param keys the first makes pseudonyms. */
  constructor(keys: readonly PseudonymKey[]) {
    this.#keys = keys.map(({ name, secret }) => ({ name, hash: new KeyedHash(secret) }));
  }

  /** The name of the key that makes pseudonyms. */
  get keyName(): string | undefined {
    return this.#keys[0]?.name;
  }

  /**
   * `telegram:42` becomes `telegram:~<key>.<22 characters>`, and `42` alone, where `namespace` is `telegram`, the same
   * without `telegram:`. Services, `unknown` and `anonymous` stay.
   */
  of(id: string, namespace: string | undefined): string {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    if (isNobody(id)) return id;
    // One that stands alone is known by what it is with its platform.
    if (namespace !== undefined && namespaceLength(id) === 0) {
      return this.of(`${namespace}:${id}`, undefined).slice(namespace.length + 1);
    }
    return this.#make(id);
  }

  /** All pseudonyms that `<namespace>:<id>` ever had, of former keys too. */
  everOf(id: string): string[] {
    return this.#keys.map((key) => pseudonym(key, id));
  }

  #make(id: string): string {
    const [key] = this.#keys;
    const made = key ? pseudonym(key, id) : id;
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(id, made);
    return made;
  }
}

function pseudonym({ name, hash }: { readonly name: string; readonly hash: KeyedHash }, id: string): string {
  return `${id.slice(0, namespaceLength(id))}~${name}.${hash.of(id).slice(0, PSEUDONYM_CHARACTERS)}`;
}
