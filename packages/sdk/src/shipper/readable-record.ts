import type { AttributeMap, AuditRecord } from '@botaudit/record';
import type { Attributes, HrTime } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';

type Resource = ReadableLogRecord['resource'];
type Scope = ReadableLogRecord['instrumentationScope'];

/** The draft gives the scope no meaning. One object for all: the serialisers group by identity. */
const SCOPE: Scope = { name: '' };

/** A resource as the serialisers want it. Make one a stream, no more: they group by identity. */
export function plainResource(attributes: AttributeMap): Resource {
  // Plain values of ours are a subset of what OpenTelemetry takes, and of a resource the serialisers read no more than this.
  return { attributes: attributes as unknown as Attributes } as Resource;
}

/** A record as the OTLP serialisers want it. */
export function toReadable(record: AuditRecord, resource: Resource): ReadableLogRecord {
  const { traceId = '', spanId = '' } = record;
  return {
    hrTime: hrTime(record.timestamp),
    hrTimeObserved: hrTime(record.observedTimestamp),
    eventName: record.eventName,
    attributes: record.attributes as unknown as Attributes,
    ...(record.body === undefined ? undefined : { body: record.body }),
    ...(traceId || spanId ? { spanContext: { traceId, spanId, traceFlags: 0 } } : undefined),
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
  };
}

/** Decimal nanoseconds as seconds and nanoseconds. */
function hrTime(nanoseconds: string): HrTime {
  return [Number(nanoseconds.slice(0, -9)), Number(nanoseconds.slice(-9))];
}
