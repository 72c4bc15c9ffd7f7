import { isUtf8 } from 'node:buffer';
import { type AttributeMap, type AttributeValue, toPlain } from '@botaudit/record';
import protobuf from 'protobufjs/minimal.js';

/** Reads the wire format of protobuf. */
export type Reader = protobuf.Reader;

/** A value nests deeper than {@link MAX_DEPTH}; its bytes are whole all the same. */
export class TooDeepError extends Error {
  override readonly name = 'TooDeepError';
}

/** Deeper than any record nests: the bound that `recordFromOtlp` has for JSON. */
const MAX_DEPTH = 64;

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;

/** Character that stands for bytes that are no text, or for itself. */
const REPLACEMENT = '\ufffd';

export function readerOf(bytes: Uint8Array): Reader {
  return protobuf.Reader.create(bytes);
}

/**
 * Calls `field` with the number and wire type of each field up to `end`. It reads the field's value and returns true, or
 * returns false, so that the field is skipped: fields that are not known are allowed.
 *
 * @throws {Error} when the bytes are not protobuf.
 */
export function readFields(
  reader: Reader,
  end: number,
  field: (number: number, wireType: number) => boolean | undefined,
): void {
  if (end > reader.len) throw new RangeError('a field is longer than what holds it');
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 0) throw new RangeError('a field without a number');
    if (field(tag >>> 3, tag & 7) !== true) reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('a field reaches beyond what holds it');
}

/** The end of the message, text or bytes that start here with their length. */
export function endOf(reader: Reader): number {
  const length = reader.uint32();
  return reader.pos + length;
}

/**
 * The text that starts here.
 *
 * @throws {Error} when it is not UTF-8.
 */
export function textOf(reader: Reader): string {
  const start = reader.pos;
  const text = reader.string();
  // Bytes that are no text would become this character without a word.
  if (text.includes(REPLACEMENT)) {
    reader.pos = start;
    if (!isUtf8(reader.bytes())) throw new RangeError('a text that is not UTF-8');
  }
  return text;
}

/** A `KeyValue` that starts here, put into `into`; a value that is null is left out. */
export function readMember(reader: Reader, into: AttributeMap, depth: number): void {
  let key = '';
  let value: AttributeValue | undefined;
  readFields(reader, endOf(reader), (number, wireType) => {
    if (wireType !== LENGTH) return false;
    if (number === 1) key = textOf(reader);
    else if (number === 2) value = readValue(reader, depth);
    else return false;
    return true;
  });
  if (value === undefined) return;
  if (key !== '__proto__') into[key] = value;
  // An assignment would take it for the prototype.
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** An `AnyValue` that starts here, as a plain value; `undefined` when it is null. */
export function readValue(reader: Reader, depth: number): AttributeValue | undefined {
  if (depth > MAX_DEPTH) throw new TooDeepError('nested too deeply');
  let value: AttributeValue | undefined;
  readFields(reader, endOf(reader), (number, wireType) => {
    // Of several, protobuf takes the last.
    if (number === 1 && wireType === LENGTH) value = textOf(reader);
    else if (number === 2 && wireType === VARINT) value = reader.bool();
    else if (number === 3 && wireType === VARINT) value = integer(reader);
    else if (number === 4 && wireType === FIXED64) value = toPlain(reader.double());
    else if (number === 5 && wireType === LENGTH) value = readList(reader, depth + 1);
    else if (number === 6 && wireType === LENGTH) value = readMap(reader, depth + 1);
    else if (number === 7 && wireType === LENGTH) value = toPlain(reader.bytes());
    else return false;
    return true;
  });
  return value;
}

function integer(reader: Reader): AttributeValue | undefined {
  const { low, high } = reader.int64() as unknown as { readonly low: number; readonly high: number };
  // Most are small; the others must not lose digits.
  if (high === 0) return low >>> 0;
  return toPlain((BigInt(high) << 32n) | BigInt(low >>> 0));
}

function readList(reader: Reader, depth: number): AttributeValue[] {
  const list: AttributeValue[] = [];
  readFields(reader, endOf(reader), (number, wireType) => {
    if (number !== 1 || wireType !== LENGTH) return false;
    list.push(readValue(reader, depth) ?? '');
    return true;
  });
  return list;
}

function readMap(reader: Reader, depth: number): AttributeMap {
  const map: AttributeMap = {};
  readFields(reader, endOf(reader), (number, wireType) => {
    if (number !== 1 || wireType !== LENGTH) return false;
    readMember(reader, map, depth);
    return true;
  });
  return map;
}
