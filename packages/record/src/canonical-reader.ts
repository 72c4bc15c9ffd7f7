import { quote } from './canonical.js';
import type { AttributeMap, AttributeValue, AuditRecord } from './model.js';
import { put } from './plain.js';
import { MANDATORY, MAX_DEPTH, NANOSECONDS, SPAN_ID, TRACE_ID } from './record-fields.js';

/** A line without a character that would be escaped in it, so that every text in it ends at the next quote. */
const WITHOUT_ESCAPES = /^[ -[\]-\ud7ff\ue000-\uffff]*$/;

const TEXT = /"(?:[^"\\]|\\.)*"/y;
const DOUBLE = /-?[0-9.e+-]+/y;

const QUOTE = 34;
const ZERO = 48;

/** Integers of so many digits are exact. */
const MAX_DIGITS = 15;

/**
 * A key, and the one that came next when it came last. Records are much alike: to compare with what is expected is cheaper
 * than to cut a key out of the line and look it up.
 */
interface KnownKey {
  readonly key: string;
  readonly quoted: string;
  next: KnownKey | undefined;
}

/** Bounded, since whoever writes the line chooses its keys. */
const MAX_KNOWN_KEYS = 1024;
const MAX_KNOWN_LENGTH = 128;
const knownKeys = new Map<string, KnownKey>();
/** Comes before the first one. */
const BEFORE_ALL: KnownKey = { key: '', quoted: '', next: undefined };

function knownKey(key: string): KnownKey {
  const known = knownKeys.get(key);
  if (known) return known;
  const made = { key, quoted: `"${key}"`, next: undefined };
  if (knownKeys.size < MAX_KNOWN_KEYS && key.length <= MAX_KNOWN_LENGTH) knownKeys.set(key, made);
  return made;
}

/** Ends the reading of a line that is not read here. */
const UNREAD = Symbol('unread');

/**
 * The record that a canonical line holds, in one pass and at a fraction of the cost of parsing and writing it again:
 * nothing is accepted here but what `canonicalRecord` would write, in the order in which it would.
 *
 * @returns `undefined` for whatever else; that may be a record all the same, such as one with an integer of more than
 * 15 digits.
 */
export function readCanonical(line: string): AuditRecord | undefined {
  try {
    return new CanonicalReader(line).record();
  } catch {
    // UNREAD, or what the standard library says of a text that is none. Whoever wants to know why parses the line.
    return undefined;
  }
}

class CanonicalReader {
  readonly #line: string;
  readonly #hasEscapes: boolean;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
    this.#hasEscapes = !WITHOUT_ESCAPES.test(line);
  }

  record(): AuditRecord {
    this.#expect('{"Attributes":{');
    const attributes = this.#attributes();
    const body = this.#skips(',"Body":') ? this.#body() : undefined;
    this.#expect(',"EventName":');
    const eventName = this.#text();
    this.#expect(',"ObservedTimestamp":');
    const observedTimestamp = this.#matching(NANOSECONDS);
    const spanId = this.#skips(',"SpanId":') ? this.#matching(SPAN_ID) : undefined;
    this.#expect(',"Timestamp":');
    const timestamp = this.#matching(NANOSECONDS);
    const traceId = this.#skips(',"TraceId":') ? this.#matching(TRACE_ID) : undefined;
    this.#expect('}');
    if (this.#at !== this.#line.length || eventName === '') throw UNREAD;
    for (const name of MANDATORY) {
      const value = attributes[name];
      if (typeof value !== 'string' || value === '') throw UNREAD;
    }
    const record: AuditRecord = { eventName, timestamp, observedTimestamp, attributes };
    if (traceId !== undefined) record.traceId = traceId;
    if (spanId !== undefined) record.spanId = spanId;
    if (body !== undefined) record.body = body;
    return record;
  }

  #attributes(): AttributeMap {
    const attributes: AttributeMap = {};
    if (this.#skips('}')) return attributes;
    let last = BEFORE_ALL;
    do {
      last = this.#keyAfter(last);
      this.#expect(':');
      put(attributes, last.key, this.#value(0));
    } while (this.#skips(','));
    this.#expect('}');
    return attributes;
  }

  #body(): AttributeMap {
    this.#expect('{"kvlistValue":{"values":[');
    const body = this.#members(1);
    if (Object.keys(body).length === 0) throw UNREAD;
    return body;
  }

  #value(depth: number): AttributeValue {
    if (depth > MAX_DEPTH) throw UNREAD;
    if (this.#skips('{"stringValue":')) return this.#closed(this.#text());
    if (this.#skips('{"intValue":')) return this.#closed(this.#integer());
    if (this.#skips('{"boolValue":')) {
      if (this.#skips('true}')) return true;
      this.#expect('false}');
      return false;
    }
    if (this.#skips('{"doubleValue":')) return this.#closed(this.#double());
    if (this.#skips('{"arrayValue":{"values":[')) return this.#items(depth + 1);
    this.#expect('{"kvlistValue":{"values":[');
    return this.#members(depth + 1);
  }

  #closed<T extends AttributeValue>(value: T): T {
    this.#expect('}');
    return value;
  }

  #items(depth: number): AttributeValue[] {
    const items: AttributeValue[] = [];
    if (this.#skips(']}}')) return items;
    do items.push(this.#value(depth));
    while (this.#skips(','));
    this.#expect(']}}');
    return items;
  }

  #members(depth: number): AttributeMap {
    const map: AttributeMap = {};
    if (this.#skips(']}}')) return map;
    let last = BEFORE_ALL;
    do {
      this.#expect('{"key":');
      last = this.#keyAfter(last);
      this.#expect(',"value":');
      put(map, last.key, this.#closed(this.#value(depth)));
    } while (this.#skips(','));
    this.#expect(']}}');
    return map;
  }

  /** Canonical order, which also keeps a key from standing twice. */
  #keyAfter(last: KnownKey): KnownKey {
    const expected = last.next;
    if (expected && !this.#hasEscapes && this.#skips(expected.quoted)) return expected;
    const key = this.#text();
    if (last !== BEFORE_ALL && key <= last.key) throw UNREAD;
    last.next = knownKey(key);
    return last.next;
  }

  #text(): string {
    if (this.#hasEscapes) {
      const token = this.#match(TEXT);
      const text = JSON.parse(token) as string;
      if (quote(text) !== token) throw UNREAD;
      return text;
    }
    const from = this.#at + 1;
    const end = this.#line.indexOf('"', from);
    if (end < 0 || this.#line.charCodeAt(this.#at) !== QUOTE) throw UNREAD;
    this.#at = end + 1;
    return this.#line.slice(from, end);
  }

  #matching(pattern: RegExp): string {
    const text = this.#text();
    if (!pattern.test(text)) throw UNREAD;
    return text;
  }

  #integer(): number {
    const isNegative = this.#skips('-');
    const from = this.#at;
    let value = 0;
    for (; ; this.#at++) {
      const digit = this.#line.charCodeAt(this.#at) - ZERO;
      // Not a number behind the end of the line, and that is not in the range either.
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const digits = this.#at - from;
    const isPadded = digits > 1 && this.#line.charCodeAt(from) === ZERO;
    if (digits === 0 || digits > MAX_DIGITS || isPadded || (isNegative && value === 0)) throw UNREAD;
    return isNegative ? -value : value;
  }

  #double(): number {
    const token = this.#match(DOUBLE);
    const value = Number(token);
    if (!Number.isFinite(value) || Number.isInteger(value) || String(value) !== token) throw UNREAD;
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#line)?.[0];
    if (token === undefined) throw UNREAD;
    this.#at += token.length;
    return token;
  }

  #expect(text: string): void {
    if (!this.#skips(text)) throw UNREAD;
  }

  #skips(text: string): boolean {
    if (!this.#line.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}
