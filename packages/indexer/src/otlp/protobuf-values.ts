import { isUtf8 } from 'node:buffer';
import { type AttributeMap, type AttributeValue, toPlain } from '@botaudit/record';
import protobuf from 'protobufjs/minimal.js';

/** Reads the wire format of protobuf. */
export type Reader = protobuf.Reader;

/**
 * A value that no record can have; its bytes are whole all the same, so that what stands beside it can be read. A collector
 * passes such values on among those of others.
 */
export class UnusableError extends Error {
  override readonly name = 'UnusableError';
}

/** Deeper than any record nests: the bound that `recordFromOtlp` has for JSON. */
const MAX_DEPTH = 64;

/** Character that stands for bytes that are no text, or for itself. */
const REPLACEMENT = '\ufffd';

export function readerOf(bytes: Uint8Array): Reader {
  return protobuf.Reader.create(bytes);
}

/** Wire types of fields that hold a message, text or bytes; or a varint; or eight bytes. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** The tag that a field begins with: its number and its wire type. */
export const message = (number: number) => (number << 3) | LENGTH;
const varint = (number: number) => (number << 3) | VARINT;
export const fixed64 = (number: number) => (number << 3) | FIXED64;

/** Skips a field that is not known, as protobuf wants it. */
export function skip(reader: Reader, tag: number): void {
  if (tag >>> 3 === 0) throw new RangeError('a field without a number');
  reader.skipType(tag & 7);
}

/** Has to be called where a message ends: its last field must end there as well. */
export function atEnd(reader: Reader, end: number): void {
  if (reader.pos !== end) throw new RangeError('a field reaches beyond what holds it');
}

/** The end of the message, text or bytes that start here with their length. */
export function endOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a field is longer than what holds it');
  return end;
}

/**
 * The text that starts here.
 *
 * @throws {UnusableError} when it is not UTF-8.
 */
export function textOf(reader: Reader): string {
  const start = reader.pos;
  const text = reader.string();
  // Bytes that are no text would become this character without a word.
  if (text.includes(REPLACEMENT)) {
    reader.pos = start;
    if (!isUtf8(reader.bytes())) throw new UnusableError('a text that is not UTF-8');
  }
  return text;
}

const KEY = message(1);
const VALUE = message(2);

/** A `KeyValue` that starts here, put into `into`; a value that is null is left out. */
export function readMember(reader: Reader, into: AttributeMap, depth: number): void {
  const end = endOf(reader);
  let key = '';
  let value: AttributeValue | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === KEY) key = textOf(reader);
    else if (tag === VALUE) value = readValue(reader, depth);
    else skip(reader, tag);
  }
  atEnd(reader, end);
  if (value === undefined) return;
  if (key !== '__proto__') into[key] = value;
  // An assignment would take it for the prototype.
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

const STRING = message(1);
const BOOL = varint(2);
const INT = varint(3);
const DOUBLE = fixed64(4);
const LIST = message(5);
const MAP = message(6);
const BYTES = message(7);

/** An `AnyValue` that starts here, as a plain value; `undefined` when it is null. */
export function readValue(reader: Reader, depth: number): AttributeValue | undefined {
  if (depth > MAX_DEPTH) throw new UnusableError('nested too deeply');
  const end = endOf(reader);
  let value: AttributeValue | undefined;
  // Of several, protobuf takes the last.
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === STRING) value = textOf(reader);
    else if (tag === BOOL) value = reader.bool();
    else if (tag === INT) value = integer(reader);
    else if (tag === DOUBLE) value = toPlain(reader.double());
    else if (tag === LIST) value = readList(reader, depth + 1);
    else if (tag === MAP) value = readMap(reader, depth + 1);
    else if (tag === BYTES) value = toPlain(reader.bytes());
    else skip(reader, tag);
  }
  atEnd(reader, end);
  return value;
}

function integer(reader: Reader): AttributeValue | undefined {
  const { low, high } = reader.int64() as unknown as { readonly low: number; readonly high: number };
  // Most are small; the others must not lose digits.
  if (high === 0) return low >>> 0;
  return toPlain((BigInt(high) << 32n) | BigInt(low >>> 0));
}

const ITEM = message(1);

function readList(reader: Reader, depth: number): AttributeValue[] {
  const end = endOf(reader);
  const list: AttributeValue[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === ITEM) list.push(readValue(reader, depth) ?? '');
    else skip(reader, tag);
  }
  atEnd(reader, end);
  return list;
}

function readMap(reader: Reader, depth: number): AttributeMap {
  const end = endOf(reader);
  const map: AttributeMap = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === ITEM) readMember(reader, map, depth);
    else skip(reader, tag);
  }
  atEnd(reader, end);
  return map;
}
