import { hash } from 'node:crypto';
import {
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
  let excess = sizeOf(result) + CHAIN_BYTES - MAX_RECORD_BYTES;
  for (const part of partsOf(result)) {
    if (excess + truncatedBytes(cuts) <= 0) break;
    excess -= part.size - part.cut();
    cuts.push(part);
  }
  result.attributes[ATTR_BOT_TRUNCATED] = describe(cuts);
  if (result.body && Object.keys(result.body).length === 0) delete result.body;
  return result;
}

interface Cut {
  readonly name: string;
  readonly value: AttributeValue;
}

interface Part extends Cut {
  readonly size: number;
  /** Shortens or removes it; what it takes after that. */
  cut(): number;
}

/** Attributes and members of the body, the largest first. */
function partsOf({ attributes, body }: AuditRecord): Part[] {
  const parts = [...partsOfMap(attributes, ''), ...(body ? partsOfMap(body, 'body.') : [])];
  return parts.sort((a, b) => b.size - a.size);
}

function partsOfMap(map: AttributeMap, prefix: string): Part[] {
  return Object.entries(map).map(([key, value]) => {
    const size = memberSize(key, value);
    return {
      name: prefix + key,
      value,
      size,
      cut() {
        // What every record must have is shortened at most.
        const kept = typeof value === 'string' ? beginning(value) : undefined;
        if (kept !== undefined && (kept.length < value.toString().length || key.startsWith('audit.'))) {
          map[key] = kept;
          return memberSize(key, kept);
        }
        delete map[key];
        return 0;
      },
    };
  });
}

function beginning(text: string): string {
  // Half of a surrogate pair would be no text.
  return text.slice(0, KEPT_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}

const EMPTY: AuditRecord = { eventName: '', timestamp: '', observedTimestamp: '', attributes: {} };

function sizeOf(record: AuditRecord): number {
  return Buffer.byteLength(canonicalRecord(record));
}

/** What a member takes in a canonical record, within a few bytes. */
function memberSize(key: string, value: AttributeValue): number {
  return sizeOf({ ...EMPTY, attributes: { [key]: value } }) - sizeOf(EMPTY) + 20;
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
