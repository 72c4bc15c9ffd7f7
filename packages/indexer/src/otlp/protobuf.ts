import type { AttributeMap, AttributeValue, AuditRecord } from '@botaudit/record';
import {
  atEnd,
  endOf,
  fixed64,
  message,
  type Reader,
  readerOf,
  readMember,
  readValue,
  skip,
  textOf,
  UnusableError,
} from './protobuf-values.js';
import { NotOtlpError, type Received, type Visitor } from './received.js';

/**
 * Reads an `ExportLogsServiceRequest` of OTLP in protobuf, straight into records: what `recordFromOtlp` would make of the
 * same request in JSON. The field numbers are those of `opentelemetry/proto/logs/v1/logs.proto` and
 * `common/v1/common.proto`, 1.10.
 *
 * @throws {NotOtlpError} when it is none.
 */
export function visitProtobuf(body: Uint8Array, visit: Visitor): void {
  try {
    readRequest(readerOf(body), visit);
  } catch (error) {
    throw new NotOtlpError(`not an ExportLogsServiceRequest in protobuf: ${(error as Error).message}`);
  }
}

/** `resource_logs` of a request; `resource` of that, `attributes` of the resource. */
const RESOURCE_LOGS = message(1);
const RESOURCE = message(1);
const RESOURCE_ATTRIBUTES = message(1);
/** `scope_logs` of the resource's, and `log_records` of those. */
const SCOPE_LOGS = message(2);
const LOG_RECORDS = message(2);

function readRequest(reader: Reader, visit: Visitor): void {
  eachField(reader, reader.len, RESOURCE_LOGS, () => readResourceLogs(reader, visit));
}

/** The resource may stand after the records that it is of, so it is looked for first. */
function readResourceLogs(reader: Reader, visit: Visitor): void {
  const end = endOf(reader);
  const start = reader.pos;
  const resource: AttributeMap = {};
  let problem: string | undefined;
  eachField(reader, end, RESOURCE, () => {
    problem ??= readResource(reader, resource);
  });
  reader.pos = start;
  eachField(reader, end, SCOPE_LOGS, () => {
    eachField(reader, endOf(reader), LOG_RECORDS, () => visit(readReceived(reader, problem), resource));
  });
}

/** Returns what is wrong with it, where records can't be said to be of it. */
function readResource(reader: Reader, into: AttributeMap): string | undefined {
  const end = endOf(reader);
  try {
    eachField(reader, end, RESOURCE_ATTRIBUTES, () => readMember(reader, into, 0));
    return undefined;
  } catch (error) {
    if (!(error instanceof UnusableError)) throw error;
    reader.pos = end;
    return `its resource: ${error.message}`;
  }
}

/** Calls `read` where a field with this tag starts, for each up to `end`, and skips the others. */
function eachField(reader: Reader, end: number, wanted: number, read: () => void): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === wanted) read();
    else skip(reader, tag);
  }
  atEnd(reader, end);
}

/** @param problem of its resource. */
function readReceived(reader: Reader, problem: string | undefined): Received {
  const end = endOf(reader);
  const start = reader.pos;
  const unusable = (reason: string): Received => {
    reader.pos = end;
    return { unusable: reason, original: Buffer.from(reader.buf.subarray(start, end)).toString('base64') };
  };
  try {
    if (problem !== undefined) return unusable(problem);
    const { body, ...record } = readRecord(reader, end);
    if (record.eventName === '') return unusable('no eventName');
    if (body === undefined) return { record };
    if (typeof body !== 'object' || Array.isArray(body)) return unusable('body is not a map');
    return { record: Object.keys(body).length > 0 ? { ...record, body } : record };
  } catch (error) {
    if (error instanceof UnusableError) return unusable(error.message);
    throw error;
  }
}

type WithAnyBody = Omit<AuditRecord, 'body'> & { body?: AttributeValue | undefined };

/** Fields of a `LogRecord`. */
const TIMESTAMP = fixed64(1);
const BODY = message(5);
const ATTRIBUTES = message(6);
const TRACE_ID = message(9);
const SPAN_ID = message(10);
const OBSERVED_TIMESTAMP = fixed64(11);
const EVENT_NAME = message(12);

function readRecord(reader: Reader, end: number): WithAnyBody {
  const record: WithAnyBody = { eventName: '', timestamp: '0', observedTimestamp: '0', attributes: {} };
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === ATTRIBUTES) readMember(reader, record.attributes, 0);
    else if (tag === TIMESTAMP) record.timestamp = nanoseconds(reader);
    else if (tag === OBSERVED_TIMESTAMP) record.observedTimestamp = nanoseconds(reader);
    else if (tag === EVENT_NAME) record.eventName = textOf(reader);
    else if (tag === TRACE_ID) setId(record, 'traceId', reader);
    else if (tag === SPAN_ID) setId(record, 'spanId', reader);
    else if (tag === BODY) record.body = readValue(reader, 0);
    else skip(reader, tag);
  }
  atEnd(reader, end);
  return record;
}

function nanoseconds(reader: Reader): string {
  const low = reader.fixed32();
  const high = reader.fixed32();
  return String((BigInt(high) << 32n) | BigInt(low));
}

/** Zeros and nothing both mean that there is none. */
function setId(record: WithAnyBody, name: 'traceId' | 'spanId', reader: Reader): void {
  const id = Buffer.from(reader.bytes()).toString('hex');
  if (/[1-9a-f]/.test(id)) record[name] = id;
}
