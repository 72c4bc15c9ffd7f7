import { hash } from 'node:crypto';
import { existsSync, unlinkSync } from 'node:fs';
import { JournalFormatError, listStreams, readRawFile, type StreamEntry } from '@botaudit/journal';
import { Metrics } from '../metrics/metrics.js';
import type { MetricSink } from '../metrics/table.js';
import { Endpoint } from './endpoint.js';
import { refusals } from './refusals.js';
import {
  appendRejected,
  claimRejected,
  keepDamaged,
  type Rejected,
  rejectedEntry,
  rejectedFiles,
  rejectedLine,
} from './rejected-file.js';
import { type ShipDirectoryOptions, STOP_MS, withDefaults } from './ship-directory.js';
import type { ShippingReport } from './shipper.js';
import { StoppedError, Stopping } from './stopping.js';
import { MAX_BYTES, MAX_RECORDS } from './stream-feed.js';
import { streamResource } from './stream-resource.js';
import { type Encoder, loadWire, type Wire } from './wire.js';

/** Options of {@link shipRejected}. */
export interface ShipRejectedOptions extends Omit<ShipDirectoryOptions, 'mode' | 'pollMs'> {
  /** Hears after each request how far it is: so many records taken, and refused again, of this stream. Default: nobody. */
  readonly onProgress?: (streamId: string, exported: number, rejected: number) => void;
}

/**
 * Sends the records again that an endpoint refused: `botaudit ship --rejected`. Those that it takes now leave
 * `rejected.ndjson` of their stream, those that it refuses again stay there with the new reason. Waits without limit for
 * an endpoint that can't be reached; when it is stopped, what was not sent goes back. Killed at any moment it loses
 * nothing: the next run goes on with what this one had taken up.
 *
 * @throws {TypeError} when the endpoint's address is none.
 * @throws {JournalReadError} when the folder of the streams can't be read.
 */
export async function shipRejected(options: ShipRejectedOptions): Promise<ShippingReport> {
  const { directory, signal, pauses, metrics = new Metrics(), say = () => {}, onProgress = () => {} } = options;
  const config = withDefaults(options.endpoint);
  const wire = await loadWire(config.protocol);
  const stopping = new Stopping();
  const endpoint = new Endpoint(config, { metrics, wire, stopping, pauses, say });
  const stop = () => stopping.begin(STOP_MS);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    const shipment = new RejectedShipment({ endpoint, wire, stopping, metrics, say, onProgress });
    for (const entry of listStreams(directory)) await shipment.stream(entry);
    return shipment.report;
  } finally {
    signal?.removeEventListener('abort', stop);
    stopping.done();
    endpoint.close();
  }
}

interface Context extends Required<Pick<ShipRejectedOptions, 'say' | 'onProgress'>> {
  readonly endpoint: Endpoint;
  readonly wire: Wire;
  readonly stopping: Stopping;
  readonly metrics: MetricSink;
}

/** A record to be sent again, and the line of `rejected.ndjson` that it stands in. */
interface Entry {
  readonly line: string;
  readonly text: string;
}

/** What is known of a stream while its rejected records are sent again. */
interface Course {
  readonly directory: string;
  readonly encoder: Encoder;
  /** Hashes of those that were refused again: after a run that was killed a record may stand in two files. */
  readonly again: Set<string>;
  exported: number;
}

class RejectedShipment {
  readonly #context: Context;
  #exported = 0;
  #rejected = 0;
  #remaining = 0;
  #unreadable = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  get report(): ShippingReport {
    return {
      exported: this.#exported,
      rejected: this.#rejected,
      remaining: this.#remaining,
      unreadable: this.#unreadable,
    };
  }

  /** Sends the rejected records of one stream; where they can't be read or written says so. */
  async stream(entry: StreamEntry): Promise<void> {
    const { stopping, wire, say } = this.#context;
    const { directory, problem } = entry;
    try {
      if (stopping.begun) {
        for (const file of rejectedFiles(directory)) for (const _ of entriesOf(file, noted())) this.#remaining++;
        return;
      }
      if (rejectedFiles(directory).length === 0) return;
      if (problem instanceof JournalFormatError && problem.newerVersion !== undefined) throw problem;
      const encoder = wire.createEncoder(streamResource(entry));
      const course = { directory, encoder, again: new Set<string>(), exported: 0 };
      const found = noted();
      for (const file of claimRejected(directory)) {
        try {
          await this.#file(file, course, found, entry.streamId);
        } catch (error) {
          // Somebody who sends at the same time was at its end first, and has kept what was refused.
          if (existsSync(file)) throw error;
        }
      }
      if (found.damaged > 0) this.#unreadable++;
    } catch (error) {
      this.#unreadable++;
      say((error as Error).message);
    }
  }

  async #file(file: string, course: Course, found: Noted, streamId: string): Promise<void> {
    const { say, onProgress, stopping } = this.#context;
    const before = found.damaged;
    for (const batch of batchesOf(file, found)) {
      const left = stopping.begun ? batch : await this.#send(batch, course);
      this.#remaining += left.length;
      if (left.length > 0) {
        const texts = left.map(({ text }) => text);
        appendRejected(course.directory, texts, { sync: true });
      } else onProgress(streamId, course.exported, course.again.size);
    }
    const damaged = found.damaged - before;
    if (damaged === 0) {
      unlinkSync(file);
      return;
    }
    const kept = keepDamaged(course.directory, file);
    say(`${kept}: ${damaged === 1 ? 'a line holds' : `${damaged} lines hold`} no rejected record; the file is kept`);
  }

  /** Sends records and keeps those that are refused. Returns those that it did not come to before it was to end. */
  async #send(batch: readonly Entry[], course: Course): Promise<readonly Entry[]> {
    const { endpoint, metrics } = this.#context;
    const { encoder } = course;
    const settled = new Set<string>();
    const refused: Rejected[] = [];
    const refuse = (rejected: Rejected) => {
      settled.add(rejected.line);
      const sum = hash('sha256', rejected.line);
      if (!course.again.has(sum)) refused.push(rejected);
      course.again.add(sum);
    };
    const { lines, unfit } = encoder.request(batch.map(({ line }) => line));
    for (const each of unfit) refuse(each);
    const send = async (part: readonly string[]) => {
      const verdict = await endpoint.post(encoder.request(part).body, part.length);
      if (verdict.kind !== 'accepted') return verdict;
      metrics.add('audit_records_exported_total', {}, part.length);
      for (const line of part) settled.add(line);
      course.exported += part.length;
      this.#exported += part.length;
      return verdict;
    };
    try {
      if (lines.length > 0) {
        for await (const { lines: part, verdict } of refusals(lines, send)) {
          // It stood there already, so nothing is at stake should the endpoint refuse everything.
          if (part.length === 1) refuse({ line: part[0] as string, reason: verdict.detail });
        }
      }
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
    }
    if (refused.length > 0) appendRejected(course.directory, refused.map(rejectedEntry), { sync: true });
    this.#rejected += refused.length;
    return batch.filter(({ line }) => !settled.has(line));
  }
}

/** Lines that hold no rejected record. */
interface Noted {
  damaged: number;
}

const noted = (): Noted => ({ damaged: 0 });

function* batchesOf(file: string, found: Noted): Generator<Entry[], void, undefined> {
  let batch: Entry[] = [];
  let bytes = 0;
  for (const entry of entriesOf(file, found)) {
    batch.push(entry);
    bytes += entry.line.length;
    if (batch.length < MAX_RECORDS && bytes < MAX_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** @throws {Error} when the file can't be read. */
function* entriesOf(file: string, found: Noted): Generator<Entry, void, undefined> {
  for (const { text, defect, reason } of readRawFile(file)) {
    if (defect === 'unreadable') throw new Error(reason);
    if (text === '') continue;
    const line = text === undefined ? undefined : rejectedLine(text);
    if (line !== undefined) yield { line, text: text as string };
    else found.damaged++;
  }
}
