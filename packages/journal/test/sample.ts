import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeMap, Chain } from '@botaudit/record';
import { afterEach } from 'vitest';
import {
  JournalWriter,
  type JournalWriterOptions,
  type ReadLine,
  type StreamInfo,
  StreamReader,
} from '../src/index.js';

const cleanUp: (() => void)[] = [];

afterEach(() => {
  for (const task of cleanUp.splice(0).reverse()) task();
});

/** Runs `task` when the test is over, the latest first. */
export function afterwards(task: () => void): void {
  cleanUp.push(task);
}

/** A folder of this test's own, removed when it is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-journal-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function streamInfo(streamId: string): StreamInfo {
  return {
    formatVersion: 1,
    streamId,
    pid: process.pid,
    threadId: 0,
    host: 'test',
    startedAt: '2026-11-24T00:00:00.000Z',
    service: 'sample',
  };
}

/** No limit gets in the way, however full the machine's disk is. */
const NO_LIMITS = { maxBytes: 1024 ** 4, minFreeBytes: 0 };

/** Opens a stream of its own in `directory`, closed when the test is over. */
export function openWriter(
  directory: string,
  options: Partial<JournalWriterOptions> = {},
): JournalWriter & { readonly streamDirectory: string } {
  const streamId = options.streamId ?? randomUUID();
  const info = streamInfo(streamId);
  const writer = JournalWriter.open({ directory, streamId, info, limits: NO_LIMITS, ...options });
  afterwards(() => writer.close());
  return writer as JournalWriter & { readonly streamDirectory: string };
}

/** Makes records of a stream, each following from the one before. */
export class SampleChain {
  readonly #chain: Chain;

  constructor(streamId: string = randomUUID()) {
    this.#chain = new Chain(streamId, (text) => hash('sha256', text));
  }

  next(attributes: AttributeMap = {}, recordId: string = randomUUID()): string {
    const line = this.seal(attributes, recordId);
    this.commit();
    return line;
  }

  /** The next record, which counts only once it is committed. */
  seal(attributes: AttributeMap = {}, recordId: string = randomUUID()): string {
    return this.#chain.seal({
      eventName: 'bot.member.ban',
      timestamp: '1795478400000000000',
      observedTimestamp: '1795478400000000001',
      attributes: {
        'audit.record.id': recordId,
        'audit.actor.id': 'telegram:42',
        'audit.actor.type': 'user',
        'audit.action': 'BAN',
        'audit.outcome': 'success',
        'bot.id': 'telegram:7',
        ...attributes,
      },
    });
  }

  commit(): void {
    this.#chain.commit();
  }
}

/** `count` lines of one stream. */
export function sampleLines(count: number, attributes?: AttributeMap): string[] {
  const chain = new SampleChain();
  return Array.from({ length: count }, () => chain.next(attributes));
}

/** Everything that a reader finds in a stream now. */
export function readAll(streamDirectory: string): ReadLine[] {
  const reader = new StreamReader(streamDirectory);
  try {
    return reader.read(Number.POSITIVE_INFINITY);
  } finally {
    reader.close();
  }
}

export function readLines(streamDirectory: string): string[] {
  return readAll(streamDirectory).map(({ line }) => line);
}
