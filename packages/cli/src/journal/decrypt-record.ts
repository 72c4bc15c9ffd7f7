import type { AttributeMap, AttributeValue, AuditRecord } from '@botaudit/record';
import { type DecryptionKey, decrypt } from '@botaudit/sdk/protection';

/** A record with what could be decrypted in place of what was encrypted. */
export interface DecryptedRecord {
  readonly record: AuditRecord;
  /** How many values were decrypted, */
  readonly decrypted: number;
  /** are encrypted to keys that were not given, and to which, */
  readonly foreign: number;
  readonly kids: ReadonlySet<string>;
  /** and are encrypted to a given key and were changed. */
  readonly broken: number;
}

/** Decrypts all values of a record that can be, at any depth. */
export function decryptRecord(record: AuditRecord, keys: readonly DecryptionKey[]): DecryptedRecord {
  const walk = new Walk(keys);
  return {
    record: {
      ...record,
      attributes: walk.map(record.attributes),
      ...(record.body && { body: walk.map(record.body) }),
    },
    decrypted: walk.decrypted,
    foreign: walk.foreign,
    kids: walk.kids,
    broken: walk.broken,
  };
}

class Walk {
  decrypted = 0;
  foreign = 0;
  broken = 0;
  readonly kids = new Set<string>();
  readonly #keys: readonly DecryptionKey[];

  constructor(keys: readonly DecryptionKey[]) {
    this.#keys = keys;
  }

  map(map: AttributeMap): AttributeMap {
    // Names such as __proto__ are members like any other.
    return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, this.#value(value)]));
  }

  #value(value: AttributeValue): AttributeValue {
    if (Array.isArray(value)) return value.map((member) => this.#value(member));
    if (typeof value === 'object') return this.map(value);
    return typeof value === 'string' ? this.#text(value) : value;
  }

  #text(text: string): AttributeValue {
    const result = decrypt(text, this.#keys);
    switch (result.state) {
      case 'decrypted':
        this.decrypted++;
        return result.value;
      case 'no-key':
        this.foreign++;
        for (const kid of result.kids) this.kids.add(kid);
        return text;
      case 'broken':
        this.broken++;
        return text;
      default:
        return text;
    }
  }
}
