import type { AttributeMap, AuditRecord } from '@botaudit/record';

/** A record as it was received. */
interface ReceivedRecord {
  readonly record: AuditRecord;
  readonly unusable?: undefined;
  readonly original?: undefined;
}

/** Something that stands where a record should, and is none. It is kept as it came. */
interface UnusableRecord {
  readonly record?: undefined;
  /** What is wrong with it. */
  readonly unusable: string;
  /** All that was sent: OTLP/JSON, or the bytes of protobuf in base64. */
  readonly original: string;
}

export type Received = ReceivedRecord | UnusableRecord;

/** Takes the records of a request, one after the other, each with its service's resource. */
export type Visitor = (received: Received, resource: AttributeMap) => void;

/** A request is not OTLP. Nothing of it can be used. */
export class NotOtlpError extends Error {
  override readonly name = 'NotOtlpError';
}
