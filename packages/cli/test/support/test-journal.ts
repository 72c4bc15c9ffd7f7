import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalWriter } from '@botaudit/journal';
import { type AttributeMap, type AuditRecord, Chain } from '@botaudit/record';

/** A record as a test states it: what matters to it. */
export interface TestRecord {
  readonly event?: string;
  /** ms since the epoch; default: a second after the record before. */
  readonly at?: number;
  readonly attributes?: AttributeMap;
  readonly body?: AttributeMap | undefined;
  readonly traceId?: string;
}

const START = Date.UTC(2026, 10, 24, 9);

/** A journal of the real writer in a temporary folder. */
export class TestJournal {
  readonly folder = mkdtempSync(join(tmpdir(), 'botaudit-cli-'));
  readonly directory = join(this.folder, 'journal');
  readonly #streams: TestStream[] = [];
  #clock = START;

  /** Opens a stream, as a process that starts does. */
  open(streamId: string = randomUUID(), options: TestStreamOptions = {}): TestStream {
    const stream = new TestStream(this.directory, streamId, () => (this.#clock += 1000), options);
    this.#streams.push(stream);
    return stream;
  }

  /** One stream that was closed properly, with these records. */
  closed(...records: TestRecord[]): TestStream {
    const stream = this.open();
    for (const record of records) stream.write(record);
    stream.close();
    return stream;
  }

  remove(): void {
    for (const stream of this.#streams) stream.abandon();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface TestStreamOptions {
  readonly groupRead?: boolean | undefined;
  readonly segmentMaxBytes?: number | undefined;
  /** Of the opening record. */
  readonly body?: AttributeMap | undefined;
}

export class TestStream {
  readonly id: string;
  readonly directory: string;
  /** What was written. */
  readonly lines: string[] = [];
  readonly #writer: JournalWriter;
  readonly #chain: Chain;
  readonly #tick: () => number;

  constructor(
    journal: string,
    streamId: string,
    tick: () => number,
    { segmentMaxBytes, body, groupRead }: TestStreamOptions,
  ) {
    this.id = streamId;
    this.#tick = tick;
    this.#chain = new Chain(streamId, (text) => hash('sha256', text));
    this.#writer = JournalWriter.open({
      directory: journal,
      streamId,
      segmentMaxBytes,
      groupRead,
      limits: { maxBytes: 1 << 30, minFreeBytes: 0 },
      info: {
        formatVersion: 1,
        streamId,
        pid: process.pid,
        threadId: 0,
        host: 'test',
        startedAt: new Date(this.#tick()).toISOString(),
        service: 'test',
      },
    });
    this.directory = join(journal, 'streams', streamId);
    this.write({ event: 'audit.stream.opened', attributes: { 'audit.action': 'START' }, body });
  }

  /** @returns the record's id. */
  write({ event = 'bot.command', at = this.#tick(), attributes = {}, body, traceId }: TestRecord = {}): string {
    const id = randomUUID();
    const nanoseconds = String(BigInt(at) * 1_000_000n);
    const record: AuditRecord = {
      eventName: event,
      timestamp: nanoseconds,
      observedTimestamp: nanoseconds,
      attributes: {
        'audit.record.id': id,
        'audit.actor.id': 'telegram:42',
        'audit.actor.type': 'user',
        'audit.action': 'EXECUTE',
        'audit.outcome': 'success',
        'bot.id': 'telegram:7',
        ...attributes,
      },
      body,
      traceId,
    };
    const line = this.#chain.seal(record);
    this.#writer.append(line);
    this.#chain.commit();
    this.lines.push(line);
    return String(record.attributes['audit.record.id']);
  }

  /** Ends the stream gracefully. */
  close(): void {
    this.write({ event: 'audit.stream.closed', attributes: { 'audit.action': 'STOP', 'audit.sequence.end': true } });
    this.#writer.close();
  }

  /** Lets go of the stream as a process does that is killed. Harmless when it is closed. */
  abandon(): void {
    this.#writer.close();
  }
}
