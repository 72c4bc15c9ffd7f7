import { type AttributeMap, type AttributeValue, jcs, toPlain } from '@botaudit/record';
import type { FieldActions } from './field-action.js';
import type { PrivacySource } from './privacy-source.js';
import { isSecretName, removed } from './rules.js';
import { type KnownSecret, secretRemover } from './secrets.js';

/** What has been found out about the name of a member. */
interface Name {
  /** As it is recorded. */
  readonly name: string;
  /** Its value is a secret, whatever it looks like. */
  readonly secret: boolean;
}

/** Names are few, and asked for with every record; a program that makes them up must not fill the memory. */
const MAX_NAMES = 2_000;

/**
 * Makes what is to be recorded plain and takes secrets out of it, at every depth: from texts by what they look like, and
 * whole where the name says it (`password`, `token`, …).
 */
export class Protection {
  readonly #clean: (text: string) => string;
  readonly #names = new Map<string, Name>();

  readonly #privacy: PrivacySource | undefined;

  /**
   * @param known secrets that this process was given, whose very text is to be removed.
   * @param privacy what is done beyond that.
   */
  constructor(known: readonly KnownSecret[] = [], privacy?: PrivacySource) {
    this.#clean = secretRemover(known);
    this.#privacy = privacy;
  }

  /**
   * Does with a record's fields what is configured, beyond the removal of secrets: changes the attributes, and returns the
   * body as it may be recorded.
   *
   * @param fields what a rule of the policy says of them.
   */
  further(
    event: string,
    attributes: AttributeMap,
    body: AttributeMap | undefined,
    fields?: FieldActions,
  ): AttributeMap | undefined {
    const privacy = this.#privacy;
    if (!privacy || !(fields || privacy.isGeneral)) return body;
    return privacy.load().privacy.apply(event, attributes, body, fields);
  }

  /** `text` without secrets, and well-formed. What is no text, in spite of its type, becomes one. Never throws. */
  text(text: string): string {
    return this.#clean(typeof text === 'string' ? text.toWellFormed() : jcs(toPlain(text) ?? ''));
  }

  /** `value` as it may be recorded; `undefined` for what is nothing. Shares nothing with `value`. Never throws. */
  value(value: unknown): AttributeValue | undefined {
    if (typeof value === 'string') return this.text(value);
    const plain = toPlain(value);
    return typeof plain === 'object' || typeof plain === 'string' ? this.#cleaned(plain) : plain;
  }

  /** Puts the members of `source` into `target`, as they may be recorded. Never throws. */
  addTo(target: AttributeMap, source: Readonly<Record<string, unknown>>): void {
    let members = source;
    try {
      this.#add(target, members);
    } catch {
      // A getter of the application's threw: read with care, the other members are still there.
      members = toPlain(source) as AttributeMap;
      this.#add(target, members);
    }
  }

  #add(target: AttributeMap, source: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(source)) {
      const { name, secret } = this.#name(key);
      const value = source[key];
      if (secret && isRemovable(value)) target[name] = removed('named_secret');
      else {
        const kept = this.value(value);
        if (kept !== undefined) target[name] = kept;
      }
    }
  }

  /** Removes secrets from a plain value that nobody else holds. */
  #cleaned(value: AttributeValue): AttributeValue {
    if (typeof value === 'string') return this.#clean(value);
    if (typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((member) => this.#cleaned(member));
    const map: AttributeMap = {};
    for (const key of Object.keys(value)) {
      const { name, secret } = this.#name(key);
      const member = value[key] as AttributeValue;
      map[name] = secret && isRemovable(member) ? removed('named_secret') : this.#cleaned(member);
    }
    return map;
  }

  #name(key: string): Name {
    const known = this.#names.get(key);
    if (known) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    const found = { name: recordable(this.text(key)), secret: isSecretName(key) };
    this.#names.set(key, found);
    return found;
  }
}

/** A flag such as `has_token: true` gives nothing away; nor does what is not there. */
function isRemovable(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean';
}

/** OpenTelemetry drops attributes without a name, and takes this one for a prototype. */
function recordable(name: string): string {
  if (name === '') return '[empty]';
  return name === '__proto__' ? '[__proto__]' : name;
}
