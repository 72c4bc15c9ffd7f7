import type { AttributeMap, AttributeValue, AuditRecord } from '@botaudit/record';
import protobuf from 'protobufjs/minimal.js';

type Writer = protobuf.Writer;

/** An export request of one service in OTLP/JSON, as a collector writes it. */
export function jsonRequest(records: readonly AuditRecord[], resource: AttributeMap = {}): object {
  const logRecords = records.map(jsonRecord);
  return {
    resourceLogs: [{ resource: { attributes: jsonMembers(resource) }, scopeLogs: [{ scope: {}, logRecords }] }],
  };
}

function jsonRecord({ eventName, timestamp, observedTimestamp, traceId, spanId, attributes, body }: AuditRecord) {
  return {
    timeUnixNano: timestamp,
    observedTimeUnixNano: observedTimestamp,
    eventName,
    attributes: jsonMembers(attributes),
    ...(body && { body: jsonValue(body) }),
    traceId: traceId ?? '',
    spanId: spanId ?? '',
  };
}

function jsonValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(jsonValue) } };
  return { kvlistValue: { values: jsonMembers(value) } };
}

function jsonMembers(map: AttributeMap): object[] {
  return Object.entries(map).map(([key, value]) => ({ key, value: jsonValue(value) }));
}

const LENGTH = 2;
const tag = (number: number, wireType: number) => (number << 3) | wireType;

/** The same request in protobuf. */
export function protobufRequest(records: readonly AuditRecord[], resource: AttributeMap = {}): Uint8Array {
  const writer = protobuf.Writer.create();
  message(writer, 1, () => {
    message(writer, 1, () => members(writer, 1, resource));
    message(writer, 2, () => {
      message(writer, 1, () => {});
      for (const record of records) message(writer, 2, () => writeRecord(writer, record));
    });
  });
  return writer.finish();
}

/** A field that holds a message. */
export function message(writer: Writer, number: number, content: () => void): void {
  writer.uint32(tag(number, LENGTH)).fork();
  content();
  writer.ldelim();
}

function writeRecord(writer: Writer, record: AuditRecord): void {
  const { eventName, timestamp, observedTimestamp, traceId, spanId, attributes, body } = record;
  fixed64(writer, 1, timestamp);
  if (body) message(writer, 5, () => writeValue(writer, body));
  members(writer, 6, attributes);
  if (traceId) writer.uint32(tag(9, LENGTH)).bytes(Buffer.from(traceId, 'hex'));
  if (spanId) writer.uint32(tag(10, LENGTH)).bytes(Buffer.from(spanId, 'hex'));
  fixed64(writer, 11, observedTimestamp);
  writer.uint32(tag(12, LENGTH)).string(eventName);
}

function fixed64(writer: Writer, number: number, nanoseconds: string): void {
  const value = BigInt(nanoseconds);
  writer
    .uint32(tag(number, 1))
    .fixed32(Number(value & 0xffffffffn))
    .fixed32(Number(value >> 32n));
}

function members(writer: Writer, number: number, map: AttributeMap): void {
  for (const [key, value] of Object.entries(map)) {
    message(writer, number, () => {
      writer.uint32(tag(1, LENGTH)).string(key);
      message(writer, 2, () => writeValue(writer, value));
    });
  }
}

function writeValue(writer: Writer, value: AttributeValue): void {
  if (typeof value === 'string') writer.uint32(tag(1, LENGTH)).string(value);
  else if (typeof value === 'boolean') writer.uint32(tag(2, 0)).bool(value);
  else if (typeof value !== 'number') {
    if (Array.isArray(value)) {
      message(writer, 5, () => {
        for (const item of value) message(writer, 1, () => writeValue(writer, item));
      });
    } else message(writer, 6, () => members(writer, 1, value));
  } else if (Number.isInteger(value)) writer.uint32(tag(3, 0)).int64(value);
  else writer.uint32(tag(4, 1)).double(value);
}
