import { hash } from 'node:crypto';
import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_RECORD_ID,
  ATTR_BOT_TRUNCATED,
  type AttributeMap,
  type AttributeValue,
  type AuditRecord,
  canonicalRecord,
  jcs,
  MAX_RECORD_BYTES,
} from '@botaudit/record';

/** For what the chain adds to a record: stream, number, hash of the one before. */
const CHAIN_BYTES = 1_024;
/** Of a text that is too long, this many characters stay. */
const KEPT_CHARACTERS = 1_024;
/** Further parts that were cut are named together. */
const MAX_NAMED = 50;
const MAX_NAME_CHARACTERS = 128;

/** Whether the canonical form of a record is longer than a record may be. */
export function isTooLong(line: string): boolean {
  // A UTF-16 unit takes at most three bytes, so most lines need not be measured.
  return line.length > MAX_RECORD_BYTES / 3 && Buffer.byteLength(line) > MAX_RECORD_BYTES;
}

/**
 * Cuts the largest parts of a record until it fits. Each part that was cut is named in `bot.truncated`, with the length
 * in bytes and the SHA-256 of the whole: of the text itself, or of the RFC 8785 form of anything else.
 */
export function shortened(record: AuditRecord): AuditRecord {
  const result = { ...record, attributes: { ...record.attributes }, ...(record.body && { body: { ...record.body } }) };
  const cuts: Cut[] = [];
  if (result.eventName.length > KEPT_CHARACTERS) {
    cuts.push({ name: 'event_name', value: result.eventName });
    result.eventName = beginning(result.eventName);
  }
  const parts = partsOf(result);
  let excess = sizeOf(result) + CHAIN_BYTES - MAX_RECORD_BYTES;
  for (const part of parts) {
    if (excess + truncatedBytes(cuts) <= 0) break;
    excess -= part.shorten();
    cuts.push(part);
  }
  // Many beginnings are too long as well.
  for (const part of parts) {
    if (excess + truncatedBytes(cuts) <= 0) break;
    excess -= part.remove();
  }
  result.attributes[ATTR_BOT_TRUNCATED] = describe(cuts);
  if (result.body && Object.keys(result.body).length === 0) delete result.body;
  return result;
}

interface Cut {
  readonly name: string;
  readonly value: AttributeValue;
}

/** Attributes that every record must have, so that they are shortened at most. */
const MANDATORY: ReadonlySet<string> = new Set([
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_OUTCOME,
]);

/** Attributes and members of the body, the largest first. */
function partsOf({ attributes, body }: AuditRecord): Part[] {
  const parts = Object.keys(attributes).map((key) => new Part(attributes, key, key, attributeBytes));
  if (body) parts.push(...Object.keys(body).map((key) => new Part(body, key, `body.${key}`, memberBytes)));
  return parts.sort((a, b) => b.size - a.size);
}

/** A member of a record's maps, and what can be taken off it. */
class Part implements Cut {
  readonly name: string;
  readonly value: AttributeValue;
  readonly #map: AttributeMap;
  readonly #key: string;
  readonly #bytes: (key: string, value: AttributeValue) => number;
  #size: number;

  constructor(map: AttributeMap, key: string, name: string, bytes: (key: string, value: AttributeValue) => number) {
    this.name = name;
    this.value = map[key] as AttributeValue;
    this.#map = map;
    this.#key = key;
    this.#bytes = bytes;
    this.#size = bytes(key, this.value);
  }

  /** Bytes that it takes now. */
  get size(): number {
    return this.#size;
  }

  /** Keeps the beginning of a text; anything else is removed, and so is a text that would gain nothing. Returns bytes saved. */
  shorten(): number {
    const { value } = this;
    // Of what is encrypted a beginning is of no use to anybody.
    const kept = typeof value === 'string' && !isEncrypted(value) ? beginning(value) : value;
    if (typeof kept !== 'string' || kept === value || this.#key.length > MAX_NAME_CHARACTERS) return this.remove();
    const before = this.#size;
    this.#map[this.#key] = kept;
    this.#size = this.#bytes(this.#key, kept);
    return before - this.#size;
  }

  /** @returns bytes saved. */
  remove(): number {
    if (MANDATORY.has(this.#key) && this.name === this.#key) return 0;
    const before = this.#size;
    delete this.#map[this.#key];
    this.#size = 0;
    return before;
  }
}

/** The two forms of a JWE. */
function isEncrypted(text: string): boolean {
  return text.startsWith('eyJ') || text.startsWith('{"ciphertext":');
}

function beginning(text: string): string {
  // Half of a surrogate pair would be no text.
  return text.slice(0, KEPT_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}

const EMPTY: AuditRecord = { eventName: '', timestamp: '', observedTimestamp: '', attributes: {} };

function sizeOf(record: AuditRecord): number {
  return Buffer.byteLength(canonicalRecord(record));
}

/** What an attribute takes in a canonical record, with the comma. */
function attributeBytes(key: string, value: AttributeValue): number {
  return sizeOf({ ...EMPTY, attributes: { [key]: value } }) - sizeOf(EMPTY) + 1;
}

/** What a member of the body, or of any other map, takes there. */
function memberBytes(key: string, value: AttributeValue): number {
  return attributeBytes('', { [key]: value }) - attributeBytes('', {}) + 1;
}

/** What `bot.truncated` will take at most. */
function truncatedBytes(cuts: readonly Cut[]): number {
  return 1_000 + Math.min(cuts.length, MAX_NAMED) * (MAX_NAME_CHARACTERS * 3 + 300);
}

function describe(cuts: readonly Cut[]): AttributeValue {
  const named = cuts.length > MAX_NAMED ? cuts.slice(0, MAX_NAMED - 1) : cuts;
  const rest = cuts.slice(named.length);
  const entries = named.map(({ name, value }) => entry(name, value));
  if (rest.length > 0) {
    const whole = Object.fromEntries(rest.map(({ name, value }) => [name, value]));
    entries.push(entry(`${rest.length} more`, whole));
  }
  return entries;
}

function entry(name: string, value: AttributeValue): AttributeMap {
  const whole = typeof value === 'string' ? value : jcs(value);
  return {
    name: name.slice(0, MAX_NAME_CHARACTERS).toWellFormed(),
    length: Buffer.byteLength(whole),
    sha256: hash('sha256', whole),
  };
}
