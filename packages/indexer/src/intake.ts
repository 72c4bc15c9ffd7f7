import { hash } from 'node:crypto';
import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_RECORD_ID,
  type AttributeMap,
  type AuditRecord,
  canonicalRecord,
  MAX_RECORD_BYTES,
} from '@botaudit/record';
import { DocumentWriter } from './document/document.js';
import type { Rejection } from './document/rejected.js';
import { isDecimal } from './document/timestamp.js';
import type { Delivery, NotStoredError } from './elasticsearch/delivery.js';
import type { Destination } from './elasticsearch/destination.js';
import { Lines } from './lines.js';
import type { IndexerMetrics } from './metrics/metrics.js';
import type { Received, Visitor } from './otlp/received.js';

const MANDATORY = [
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_ACTOR_TYPE,
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_OUTCOME,
] as const;

/** Whose records these are. */
export interface Sender {
  /** Whose credential they came with. */
  readonly principal: string;
  /** Whether that one may speak for a service. */
  speaksFor(service: string): boolean;
}

/** The records of one request, on their way. */
export interface Acceptance {
  /** Resolves when each has its place. Rejects with a {@link NotStoredError} when that is given up. */
  readonly done: Promise<void>;
  /** Gives up what has no place yet. */
  abandon(error: NotStoredError): void;
}

/** Makes documents of received records. What comes from where is all the same to it: it is what a `Source` feeds. */
export class Intake {
  readonly #destination: Destination;
  readonly #metrics: IndexerMetrics;
  readonly #namespace: string;

  constructor(destination: Destination, metrics: IndexerMetrics, namespace: string) {
    this.#destination = destination;
    this.#metrics = metrics;
    this.#namespace = namespace;
  }

  /**
   * Takes the records of one request.
   *
   * @param visitAll calls its argument for each of them.
   * @throws what `visitAll` throws; nothing is taken then.
   */
  accept(sender: Sender, visitAll: (visit: Visitor) => void): Acceptance {
    const { principal } = sender;
    const lines = new Lines();
    const rejections: Rejection[] = [];
    let strangers = 0;
    let latest: { readonly resource: AttributeMap; readonly service: Service } | undefined;
    visitAll((received, resource) => {
      if (latest?.resource !== resource) latest = { resource, service: this.#service(resource, sender) };
      const { service } = latest;
      if (!service.isSenders) strangers++;
      const problem = this.#add(received, service.documents, lines);
      if (problem) rejections.push({ ...problem, principal, namespace: this.#namespace, service: service.name });
    });
    if (strangers > 0) this.#metrics.principalMismatch(principal, strangers);
    const deliveries: Delivery[] = [];
    if (lines.entries.length > 0) deliveries.push(this.#destination.store(lines, principal));
    if (rejections.length > 0) deliveries.push(this.#destination.reject(rejections, principal));
    return {
      done: Promise.all(deliveries.map(({ done }) => done)).then(() => undefined),
      abandon: (error) => {
        for (const delivery of deliveries) delivery.fail(error);
      },
    };
  }

  /** Keeps what can't be read at all, with the reason, beside the records that were refused. */
  refuse({ principal }: Sender, what: Pick<Rejection, 'type' | 'reason' | 'original'>): Acceptance {
    const delivery = this.#destination.reject([{ ...what, principal, namespace: this.#namespace }], principal);
    return { done: delivery.done, abandon: (error) => delivery.fail(error) };
  }

  #service(resource: AttributeMap, { principal, speaksFor }: Sender): Service {
    const name = resource['service.name'];
    const at = new Date().toISOString();
    return {
      name: typeof name === 'string' ? name : undefined,
      isSenders: typeof name === 'string' && speaksFor(name),
      documents: new DocumentWriter(resource, { namespace: this.#namespace, principal, at }),
    };
  }

  /** Adds a record's document; returns what is wrong with it when it can't be one. */
  #add({ record, unusable, original }: Received, documents: DocumentWriter, lines: Lines): Problem | undefined {
    if (record === undefined) return { type: 'not_a_record', reason: unusable, original };
    const canonical = canonicalRecord(record);
    const reason = problemOf(record) ?? sizeProblemOf(canonical);
    if (reason !== undefined) {
      const recordId = record.attributes[ATTR_AUDIT_RECORD_ID];
      return {
        type: 'invalid_record',
        reason,
        original: canonical,
        eventName: record.eventName,
        recordId: typeof recordId === 'string' ? recordId : undefined,
      };
    }
    lines.add(hash('sha256', canonical), documents.write(record), {
      event: this.#metrics.event(record),
      observedMs: Number(record.observedTimestamp) / 1e6,
    });
    return undefined;
  }
}

type Problem = Pick<Rejection, 'type' | 'reason' | 'original' | 'eventName' | 'recordId'>;

interface Service {
  readonly name: string | undefined;
  /** Whether the sender may speak for it. */
  readonly isSenders: boolean;
  readonly documents: DocumentWriter;
}

function problemOf({ eventName, timestamp, observedTimestamp, attributes }: AuditRecord): string | undefined {
  const missing = MANDATORY.filter((name) => typeof attributes[name] !== 'string' || attributes[name] === '');
  if (missing.length > 0) return `${eventName} lacks ${missing.join(', ')}`;
  if (isDecimal(timestamp) && isDecimal(observedTimestamp)) return undefined;
  return `${eventName} has a timestamp with leading zeros`;
}

function sizeProblemOf(canonical: string): string | undefined {
  // A third of the bound in UTF-16 code units can't be more than the bound in bytes.
  if (canonical.length * 3 <= MAX_RECORD_BYTES) return undefined;
  const bytes = Buffer.byteLength(canonical);
  return bytes > MAX_RECORD_BYTES ? `a record of ${bytes} bytes; ${MAX_RECORD_BYTES} is the most` : undefined;
}
