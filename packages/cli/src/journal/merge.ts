import { type ReadLine, type StreamEntry, StreamReader } from '@botaudit/journal';
import { compareDecimal } from '../text/time.js';
import { observedTime } from './line-fields.js';

/** Lines asked of a reader at once. */
const BATCH = 256;

/** A record as it stands in a stream. */
export interface Found {
  readonly stream: StreamEntry;
  readonly read: ReadLine;
}

/** Hears of what can't be read; reading goes on with the rest. */
export type OnTrouble = (stream: StreamEntry, problem: Error) => void;

/**
 * The records of all streams in the order of their `ObservedTimestamp`. A stream is open only while its time has come,
 * so memory grows with how many processes wrote side by side, not with how many there were, or how much they wrote.
 */
export function* mergeByTime(streams: readonly StreamEntry[], onTrouble: OnTrouble): Generator<Found> {
  const waiting: { stream: StreamEntry; time: string }[] = [];
  for (const stream of streams) {
    const time = attempt(stream, onTrouble, () => startOf(stream, onTrouble));
    if (time !== undefined) waiting.push({ stream, time });
  }
  waiting.sort((a, b) => compareDecimal(b.time, a.time));
  const open: StreamHead[] = [];
  try {
    for (;;) {
      const head = earliest(open);
      const next = waiting.at(-1);
      if (next && (!head || compareDecimal(next.time, head.time) <= 0)) {
        waiting.pop();
        const opened = attempt(next.stream, onTrouble, () => new StreamHead(next.stream));
        if (opened?.line) open.push(opened);
      } else if (head) {
        yield { stream: head.stream, read: head.line! };
        attempt(head.stream, onTrouble, () => head.advance());
        if (head.line) continue;
        head.close(onTrouble);
        open.splice(open.indexOf(head), 1);
      } else {
        return;
      }
    }
  } finally {
    for (const head of open) head.close(onTrouble);
  }
}

/** The stream that is open, and its next record. */
class StreamHead {
  readonly stream: StreamEntry;
  /** `undefined` at the end. */
  line: ReadLine | undefined;
  time = '0';
  readonly #reader: StreamReader;
  #batch: ReadLine[] = [];
  #next = 0;

  constructor(stream: StreamEntry) {
    this.stream = stream;
    this.#reader = new StreamReader(stream.directory);
    this.advance();
  }

  advance(): void {
    this.line = undefined;
    if (this.#next === this.#batch.length) {
      this.#batch = this.#reader.read(BATCH);
      this.#next = 0;
    }
    this.line = this.#batch[this.#next++];
    // A line without a time has that of the one before.
    if (this.line) this.time = observedTime(this.line.line) ?? this.time;
  }

  close(onTrouble: OnTrouble): void {
    close(this.#reader, this.stream, onTrouble);
  }
}

/** When a stream's first record was observed, or `undefined` when it holds none. */
function startOf(stream: StreamEntry, onTrouble: OnTrouble): string | undefined {
  const reader = new StreamReader(stream.directory);
  const [first] = reader.read(1);
  // Where there is a record, the reading that follows tells what is passed over.
  close(reader, stream, first ? () => {} : onTrouble);
  return first && (observedTime(first.line) ?? '0');
}

function close(reader: StreamReader, stream: StreamEntry, onTrouble: OnTrouble): void {
  reader.close();
  const { lines, segments } = reader.skipped;
  if (lines > 0 || segments > 0) onTrouble(stream, new PassedOver(lines, segments));
}

/** Lines were no records, or segments damaged or no files at all: nothing that a second try could read. */
export class PassedOver extends Error {
  override readonly name = 'PassedOver';
  readonly lines: number;
  readonly segments: number;

  constructor(lines: number, segments: number) {
    super(`${lines} lines are no records, ${segments} segments can't be read`);
    this.lines = lines;
    this.segments = segments;
  }
}

function earliest(open: readonly StreamHead[]): StreamHead | undefined {
  let first = open[0];
  for (const other of open) if (compareDecimal(other.time, first!.time) < 0) first = other;
  return first;
}

function attempt<T>(stream: StreamEntry, onTrouble: OnTrouble, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    onTrouble(stream, error as Error);
    return undefined;
  }
}
