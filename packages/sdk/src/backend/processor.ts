import { performance } from 'node:perf_hooks';
import { AuditUnavailableError } from '@botaudit/api';
import type { AttributeMap, AuditRecord, Chain } from '@botaudit/record';
import { type Context, createContextKey } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { isTooLong, shortened } from '../protection/size-limit.js';
import { nanosecondsOf } from './clock.js';

/** Where lines are appended; a journal's writer. */
export interface LineSink {
  /**
   * Returns when the line is as durable as configured; throws when it isn't. An error whose `written` is `true` says that
   * the line stands there all the same.
   *
   * @param options `sync`: whether to wait until it is as durable as it can be made.
   */
  append(line: string, options?: { readonly sync: boolean }): void;
}

/** In the context of a record that has to be as durable as it can be made before `emit` returns. */
export const SYNC = createContextKey('botaudit.sync');

/** In the context of a record that may be no longer than so many bytes. */
export const MAX_BYTES = createContextKey('botaudit.max_bytes');

const WITH_SYNC = { sync: true };

const now = performance.now.bind(performance);

/**
 * Seals each record and appends it, before `emit` returns. Its values are plain already: the SDK's log record would
 * otherwise have dropped what is none of OpenTelemetry's types.
 */
export class AuditLogRecordProcessor implements LogRecordProcessor {
  readonly #chain: Chain;
  readonly #sink: LineSink;
  readonly #onAppended: (seconds: number) => void;

  /** @param onAppended told of each record appended, and how long that took. */
  constructor(chain: Chain, sink: LineSink, onAppended: (seconds: number) => void) {
    this.#chain = chain;
    this.#sink = sink;
    this.#onAppended = onAppended;
  }

  /**
   * An exception goes through `emit` to whoever called it, which is how `write` learns.
   *
   * @throws {AuditUnavailableError} when the record could not be sealed or appended.
   */
  onEmit(logRecord: ReadWriteLogRecord, context?: Context): void {
    try {
      const maxBytes = context?.getValue(MAX_BYTES) as number | undefined;
      this.#append(this.#seal(auditRecordOf(logRecord), maxBytes), context?.getValue(SYNC) === true);
    } catch (error) {
      throw new AuditUnavailableError(`${logRecord.eventName} could not be recorded: ${(error as Error).message}`, {
        cause: error,
        // What can't be sealed now never can; a disk may have room again.
        passing: error instanceof Error && 'code' in error,
      });
    }
  }

  #append(line: string, sync: boolean): void {
    const start = now();
    let failure: unknown;
    try {
      this.#sink.append(line, sync ? WITH_SYNC : undefined);
    } catch (error) {
      // Not synced, and yet there: the next line follows from it.
      if ((error as { written?: unknown }).written !== true) throw error;
      failure = error;
    }
    this.#chain.commit();
    this.#onAppended((now() - start) / 1000);
    if (failure !== undefined) throw failure;
  }

  async forceFlush(): Promise<void> {
    // Each record was appended before its `emit` returned.
  }

  async shutdown(): Promise<void> {
    // The stream is closed by its owner, synchronously, with a record of its own.
  }

  #seal(record: AuditRecord, maxBytes: number | undefined): string {
    const line = this.#chain.seal(record);
    return isTooLong(line, maxBytes) ? this.#chain.seal(shortened(record, maxBytes)) : line;
  }
}

function auditRecordOf(logRecord: ReadWriteLogRecord): AuditRecord {
  const { eventName = '', hrTime, hrTimeObserved, spanContext, attributes, body } = logRecord;
  return {
    eventName,
    timestamp: nanosecondsOf(hrTime),
    observedTimestamp: nanosecondsOf(hrTimeObserved),
    traceId: spanContext?.traceId,
    spanId: spanContext?.spanId,
    // Plain values are a part of OpenTelemetry's, and nothing else was emitted.
    attributes: attributes as AttributeMap,
    body: body as AttributeMap | undefined,
  };
}
