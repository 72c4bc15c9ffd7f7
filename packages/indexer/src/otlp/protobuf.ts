import type { AttributeMap, AttributeValue, AuditRecord } from '@botaudit/record';
import {
  endOf,
  FIXED64,
  LENGTH,
  type Reader,
  readerOf,
  readFields,
  readMember,
  readValue,
  TooDeepError,
  textOf,
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

function readRequest(reader: Reader, visit: Visitor): void {
  readFields(reader, reader.len, (number, wireType) => {
    if (number !== 1 || wireType !== LENGTH) return false;
    readResourceLogs(reader, visit);
    return true;
  });
}

/** The resource may stand after the records that it is of, so it is looked for first. */
function readResourceLogs(reader: Reader, visit: Visitor): void {
  const end = endOf(reader);
  const start = reader.pos;
  const resource: AttributeMap = {};
  readFields(reader, end, (number, wireType) => {
    if (number !== 1 || wireType !== LENGTH) return false;
    readFields(reader, endOf(reader), (field, type) => {
      if (field !== 1 || type !== LENGTH) return false;
      readMember(reader, resource, 0);
      return true;
    });
    return true;
  });
  reader.pos = start;
  readFields(reader, end, (number, wireType) => {
    if (number !== 2 || wireType !== LENGTH) return false;
    readFields(reader, endOf(reader), (field, type) => {
      if (field !== 2 || type !== LENGTH) return false;
      visit(readReceived(reader), resource);
      return true;
    });
    return true;
  });
}

function readReceived(reader: Reader): Received {
  const end = endOf(reader);
  const start = reader.pos;
  if (end > reader.len) throw new RangeError('a record is longer than what holds it');
  const unusable = (reason: string): Received => {
    reader.pos = end;
    return { unusable: reason, original: Buffer.from(reader.buf.subarray(start, end)).toString('base64') };
  };
  try {
    const { body, ...record } = readRecord(reader, end);
    if (record.eventName === '') return unusable('no eventName');
    if (body === undefined) return { record };
    if (typeof body !== 'object' || Array.isArray(body)) return unusable('body is not a map');
    return { record: Object.keys(body).length > 0 ? { ...record, body } : record };
  } catch (error) {
    if (error instanceof TooDeepError) return unusable(error.message);
    throw error;
  }
}

type WithAnyBody = Omit<AuditRecord, 'body'> & { body?: AttributeValue | undefined };

function readRecord(reader: Reader, end: number): WithAnyBody {
  const record: WithAnyBody = { eventName: '', timestamp: '0', observedTimestamp: '0', attributes: {} };
  readFields(reader, end, (number, wireType) => {
    if (wireType === FIXED64) {
      if (number === 1) record.timestamp = nanoseconds(reader);
      else if (number === 11) record.observedTimestamp = nanoseconds(reader);
      else return false;
      return true;
    }
    if (wireType !== LENGTH) return false;
    if (number === 6) readMember(reader, record.attributes, 0);
    else if (number === 12) record.eventName = textOf(reader);
    else if (number === 5) record.body = readValue(reader, 0);
    else if (number === 9) setId(record, 'traceId', reader);
    else if (number === 10) setId(record, 'spanId', reader);
    else return false;
    return true;
  });
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
