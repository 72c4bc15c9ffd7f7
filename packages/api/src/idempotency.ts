import { ATTR_BOT_ACTION_KEY_HASH, applicationKey } from '@botaudit/record';
import type { AuditBackend, Occurrence, OnDuplicate } from './backend.js';
import { InvalidEventError } from './errors.js';

const MAX_KEY_LENGTH = 4096;

/** An event with the key that its application gave it. */
export interface Keyed {
  /** What its records say of the key: a keyed hash, since a key may hold anything. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `undefined` where nothing is looked for, or nobody can. */
  readonly occurrence: Occurrence | undefined;
}

/** @throws {InvalidEventError} when `key` is none. */
export function checkKey(name: string, key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '') throw new InvalidEventError(name, 'idempotencyKey', 'must be a text');
  if (key.length > MAX_KEY_LENGTH) {
    throw new InvalidEventError(name, 'idempotencyKey', `is longer than ${MAX_KEY_LENGTH} characters`);
  }
}

/** Looks whether `key` was seen with events of this name and this service before. */
export function keyed(backend: AuditBackend, name: string, key: string, onDuplicate: OnDuplicate): Keyed {
  const hash = backend.hashArguments(`key of ${name}`, [backend.self.id, key]);
  const attributes: Keyed['attributes'] = hash === undefined ? {} : { [ATTR_BOT_ACTION_KEY_HASH]: hash };
  if (onDuplicate === 'allow') return { attributes, occurrence: undefined };
  const query = { name, kind: 'key', key: hash === undefined ? undefined : applicationKey(hash), onDuplicate } as const;
  const occurrence = backend.occurrence?.(query);
  return { attributes: { ...attributes, ...occurrence?.marks } as Keyed['attributes'], occurrence };
}
