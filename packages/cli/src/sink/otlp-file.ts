import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LineSplitter } from '@botaudit/journal';
import { canonicalRecord, recordFromOtlp } from '@botaudit/record';
import { Failure } from '../failure.js';
import type { Held, Origin } from './held.js';

/** A request of a collector's file holds many records: as much as that takes is read as one line. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;

/** How every line begins. */
const LINE_START = '{"resourceLogs":';

/** Something that is no request of OTLP, and where it stands. */
export interface Damage {
  readonly place: string;
  readonly severity: 'error' | 'notice';
  readonly message: string;
}

/**
 * The records in a file that a collector wrote (`file` exporter, OTLP/JSON lines); one that ends in `.gz` or `.zst` is
 * decompressed.
 *
 * @param onDamage hears what is no OTLP.
 * @throws {Failure} when it can't be read to its end.
 */
export async function* recordsInFile(
  path: string,
  onDamage: (damage: Damage) => void,
): AsyncGenerator<Held, void, undefined> {
  const splitter = new LineSplitter(0, MAX_LINE_BYTES);
  let number = 0;
  const heldIn = function* (text: string | undefined, terminated: boolean) {
    const place = `${path}:${++number}`;
    if (text === '') return;
    const request = requestIn(text);
    if (request) yield* recordsOf(request, place);
    else yield* damaged(text, terminated, place, onDamage);
  };
  try {
    for await (const chunk of contentOf(path)) {
      for (const { text } of splitter.push(chunk)) yield* heldIn(text, true);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`nothing was verified: ${path} can't be read to its end (${code ?? message})`);
  }
  const rest = splitter.end();
  if (rest) yield* heldIn(rest.text, false);
}

/** A collector that was killed in mid-write leaves half a line, to which its next start appends: the rest is whole. */
function* damaged(
  text: string | undefined,
  terminated: boolean,
  place: string,
  onDamage: (damage: Damage) => void,
): Generator<Held, void, undefined> {
  for (let at = text?.indexOf(LINE_START, 1) ?? -1; text && at > 0; at = text.indexOf(LINE_START, at + 1)) {
    const request = requestIn(text.slice(at));
    if (!request) continue;
    const message = `${place} begins with half a line, whose sender never heard that it was taken`;
    onDamage({ place, severity: 'notice', message });
    yield* recordsOf(request, place);
    return;
  }
  if (terminated) onDamage({ place, severity: 'error', message: `${place} is no OTLP in JSON` });
  else onDamage({ place, severity: 'notice', message: `${place} was not written to its end` });
}

interface OtlpRequest {
  readonly resourceLogs: readonly {
    readonly resource?: { readonly attributes?: unknown } | undefined;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly unknown[] }[] | undefined;
  }[];
}

function requestIn(text: string | undefined): OtlpRequest | undefined {
  try {
    const json = JSON.parse(text ?? '') as OtlpRequest;
    return Array.isArray(json.resourceLogs) ? json : undefined;
  } catch {
    return undefined; // Whoever asked says so.
  }
}

function* recordsOf({ resourceLogs }: OtlpRequest, place: string): Generator<Held, void, undefined> {
  for (const { resource, scopeLogs } of resourceLogs) {
    const origin = originOf(resource?.attributes);
    for (const { logRecords } of scopeLogs ?? []) {
      for (const json of logRecords ?? []) yield { ...lineOf(json), place, origin };
    }
  }
}

function lineOf(json: unknown): Pick<Held, 'line' | 'reason' | 'observedMs'> {
  try {
    const record = recordFromOtlp(json);
    return { line: canonicalRecord(record), observedMs: Number(record.observedTimestamp) / 1e6 };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

function originOf(attributes: unknown): Origin {
  const of = (name: string) => {
    for (const { key, value } of (Array.isArray(attributes) ? attributes : []) as readonly Attribute[]) {
      if (key === name && typeof value?.stringValue === 'string') return value.stringValue;
    }
    return undefined;
  };
  return { service: of('service.name'), host: of('host.name') };
}

interface Attribute {
  readonly key?: unknown;
  readonly value?: { readonly stringValue?: unknown } | undefined;
}

function contentOf(path: string): Readable {
  const bytes = createReadStream(path);
  if (path.endsWith('.gz')) return through(bytes, createGunzip());
  return path.endsWith('.zst') ? through(bytes, createZstdDecompress()) : bytes;
}

function through(bytes: Readable, decompress: Readable & NodeJS.WritableStream): Readable {
  // An error of either ends the other, and whoever reads hears of it.
  pipeline(bytes, decompress, () => {});
  return decompress;
}
