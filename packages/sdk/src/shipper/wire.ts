import type { AttributeMap } from '@botaudit/record';
import { RecordFormatError } from '@botaudit/record';
import type { EndpointConfig } from '../config/endpoint.js';
import type { Scratch } from './scratch.js';

/** A line that holds no record, and can't be sent. */
interface Unfit {
  readonly line: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** An export request. */
export interface EncodedRequest {
  readonly body: Uint8Array;
  /** The lines that are in it. */
  readonly lines: readonly string[];
  /** The lines that are not. */
  readonly unfit: readonly Unfit[];
}

/** Makes export requests of the lines of one stream. */
export interface Encoder {
  /** @param scratch where the request may be written; it is good until the scratch is used again. */
  request(lines: readonly string[], scratch?: Scratch): EncodedRequest;
}

/** What a receiver's response says beyond that it is one. */
export interface PartialSuccess {
  /** How many records it did not take. */
  readonly rejected: number;
  /** In words; may come without rejected records, as a warning. */
  readonly message: string;
}

/** One of the two encodings of OTLP/HTTP. */
export interface Wire {
  readonly contentType: string;
  /** @param resource the attributes of the resource that the stream's records belong to. */
  createEncoder(resource: AttributeMap): Encoder;
  /** Reads an ExportLogsServiceResponse; throws when it is none. */
  readResponse(body: Uint8Array): PartialSuccess;
}

/** Loads one encoding. OpenTelemetry's serialisers, 16 MB of memory in a worker, come only with the one that needs them. */
export async function loadWire(protocol: EndpointConfig['protocol']): Promise<Wire> {
  if (protocol === 'http/protobuf') return (await import('./protobuf-wire.js')).protobufWire;
  return (await import('./json-wire.js')).jsonWire;
}

/** Takes the lines that `take` takes apart from those that are no records. */
export function sortLines(
  lines: readonly string[],
  take: (line: string) => void,
): Pick<EncodedRequest, 'lines' | 'unfit'> {
  const unfit: Unfit[] = [];
  for (const line of lines) {
    try {
      take(line);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      unfit.push({ line, reason: error.message });
    }
  }
  return {
    lines: unfit.length === 0 ? lines : lines.filter((line) => !unfit.some((each) => each.line === line)),
    unfit,
  };
}
