import { hash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalWriter, type JournalWriterOptions } from '@botaudit/journal';
import { type AttributeMap, type AuditRecord, Chain } from '@botaudit/record';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-sdk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A record as a bot leaves it. */
export function someRecord(index: number, attributes: AttributeMap = {}): AuditRecord {
  const now = `${Date.now()}${String(index % 1_000_000).padStart(6, '0')}`;
  return {
    eventName: 'bot.message.send',
    timestamp: now,
    observedTimestamp: now,
    attributes: {
      'audit.record.id': randomUUID(),
      'audit.actor.id': `telegram:${index}`,
      'audit.actor.type': 'user',
      'audit.action': 'SEND',
      'audit.outcome': 'success',
      'bot.id': 'telegram:7',
      ...attributes,
    },
  };
}

/** A stream that is written record by record. */
export class TestStream {
  readonly streamId = randomUUID();
  /** What was appended, in order. */
  readonly lines: string[] = [];
  readonly #writer: JournalWriter;
  readonly #chain = new Chain(this.streamId, (text) => hash('sha256', text));

  constructor(directory: string, options: Partial<JournalWriterOptions> = {}) {
    this.#writer = JournalWriter.open({
      directory,
      streamId: this.streamId,
      info: {
        formatVersion: 1,
        streamId: this.streamId,
        pid: process.pid,
        threadId: 0,
        host: 'test',
        startedAt: new Date().toISOString(),
        service: 'test-bot',
      },
      ...options,
    });
  }

  get directory(): string {
    return this.#writer.streamDirectory as string;
  }

  get ids(): string[] {
    return this.lines.map(recordId);
  }

  append(...records: readonly AuditRecord[]): this {
    for (const record of records) {
      const line = this.#chain.seal(record);
      this.#writer.append(line);
      this.#chain.commit();
      this.lines.push(line);
    }
    return this;
  }

  /** Appends the opening record, with the resource of the stream in its body. */
  open(resource: AttributeMap = { 'service.name': 'test-bot', 'host.name': 'test' }): this {
    return this.append({ ...someRecord(0), eventName: 'audit.stream.opened', body: { resource } });
  }

  /** Appends `count` records. */
  fill(count: number, attributes?: AttributeMap): this {
    for (let index = 1; index <= count; index++) this.append(someRecord(index, attributes));
    return this;
  }

  /** Appends a line that no writer of records would. */
  appendRaw(line: string): this {
    this.#writer.append(line);
    return this;
  }

  /** What was put aside of it. */
  rejected(): { readonly at: string; readonly reason: string; readonly line: string }[] {
    const path = join(this.directory, 'rejected.ndjson');
    if (!existsSync(path)) return [];
    const text = readFileSync(path, 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((entry) => JSON.parse(entry));
  }

  /** Ends the stream as the end of its process does. */
  leave(): this {
    this.#writer.close();
    return this;
  }
}

export function recordId(line: string): string {
  return /"audit\.record\.id":\{"stringValue":"([^"]+)"/.exec(line)?.[1] ?? '';
}
