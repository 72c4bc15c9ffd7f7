import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

/** A record as a reader without any code of this project sees it: a line of JSON, its values unwrapped. */
export interface PlainRecord {
  readonly line: string;
  readonly stream: string;
  readonly event: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly timestamp: bigint;
  readonly observed: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Every record of a journal's folder, stream by stream, in order. Fails on lines that are not whole. */
export async function readRecords(directory: string): Promise<PlainRecord[]> {
  const streams = join(directory, 'streams');
  const records: PlainRecord[] = [];
  for (const stream of await readdir(streams)) records.push(...(await readStream(join(streams, stream), stream)));
  return records;
}

/** The lines of a stream's segments, in order. */
async function readLines(streamDirectory: string): Promise<string[]> {
  const segments = (await readdir(streamDirectory)).filter((name) => /^\d+\.ndjson$/.test(name)).sort();
  const lines: string[] = [];
  for (const segment of segments) {
    const text = await readFile(join(streamDirectory, segment), 'utf8');
    if (text === '') continue;
    expect(text.endsWith('\n')).toBe(true);
    lines.push(...text.slice(0, -1).split('\n'));
  }
  return lines;
}

async function readStream(folder: string, stream: string): Promise<PlainRecord[]> {
  return (await readLines(folder)).map((line) => {
    const json = JSON.parse(line);
    return {
      line,
      stream,
      event: json.EventName,
      traceId: json.TraceId,
      spanId: json.SpanId,
      timestamp: BigInt(json.Timestamp),
      observed: BigInt(json.ObservedTimestamp),
      attributes: unwrapAll(json.Attributes),
      body: json.Body === undefined ? undefined : (unwrap(json.Body) as Record<string, unknown>),
    };
  });
}

/** Attributes stand as a map of values, or as a list of keys and values. */
function unwrapAll(attributes: Readonly<Record<string, AnyValue>> | readonly KeyValue[]): Record<string, unknown> {
  const entries = Array.isArray(attributes)
    ? (attributes as readonly KeyValue[]).map(({ key, value }) => [key, value] as const)
    : Object.entries(attributes as Readonly<Record<string, AnyValue>>);
  return Object.fromEntries(entries.map(([key, value]) => [key, unwrap(value)]));
}

function unwrap(value: AnyValue): unknown {
  if (value.arrayValue) return value.arrayValue.values.map(unwrap);
  if (value.kvlistValue) return unwrapAll(value.kvlistValue.values);
  return value.stringValue ?? value.intValue ?? value.boolValue ?? value.doubleValue;
}

/** Fails unless the SHA-256 of each line is what the next one names, and the numbers count up from 1. */
export function expectChained(records: readonly PlainRecord[]): void {
  for (const stream of Map.groupBy(records, (record) => record.stream).values()) {
    stream.forEach((record, index) => {
      const before = stream[index - 1];
      const hash = before && createHash('sha256').update(before.line).digest('hex');
      expect(record.attributes['audit.sequence.number']).toBe(index + 1);
      expect(record.attributes['audit.sequence.previous_hash']).toBe(hash);
    });
  }
}

/** The records of what bots were told and did, without those about the stream itself. */
export function aboutBots(records: readonly PlainRecord[]): PlainRecord[] {
  return records.filter(({ event }) => !event.startsWith('audit.'));
}

/** The records of an event, in order. */
export function ofEvent(records: readonly PlainRecord[], event: string): PlainRecord[] {
  return records.filter((record) => record.event === event);
}
