import { listStreams, StreamReader } from '@botaudit/journal';
import { decodeRecord, RecordFormatError } from '@botaudit/record';
import { RecordPrinter } from '../../packages/cli/dist/commands/reading.js';
import { Output } from '../../packages/cli/dist/output.js';

/** How often the journal is looked at, in milliseconds. */
const INTERVAL_MS = 100;

const BATCH = 1_000;

/** Prints the records of streams that begin from now on, as `botaudit tail -f` prints them. */
export class LiveRecords {
  readonly #directory: string;
  readonly #old: ReadonlySet<string>;
  readonly #readers = new Map<string, StreamReader>();
  readonly #output = new Output();
  readonly #printer = new RecordPrinter(this.#output, false);
  #timer: NodeJS.Timeout | undefined;
  /** How many were printed. */
  count = 0;

  /** @param directory the journal's folder; it need not exist yet. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#old = new Set(listStreams(directory).map(({ streamId }) => streamId));
  }

  /** Prints what comes, until it is stopped. */
  start(): void {
    this.#timer = setInterval(() => void this.print(), INTERVAL_MS);
  }

  /** Prints what is there now and was not printed yet, and after it `text`, if there is any. */
  async print(text?: string): Promise<void> {
    for (const { streamId, directory } of listStreams(this.#directory)) {
      if (this.#old.has(streamId)) continue;
      const reader = this.#readers.get(streamId) ?? new StreamReader(directory);
      this.#readers.set(streamId, reader);
      for (let lines = reader.read(BATCH); lines.length > 0; lines = reader.read(BATCH)) {
        for (const { line } of lines) this.#printLine(line);
      }
    }
    if (text !== undefined) void this.#output.line(text);
    await this.#output.flush();
  }

  /** Prints the rest, and no more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.print();
    for (const reader of this.#readers.values()) reader.close();
  }

  #printLine(line: string): void {
    try {
      void this.#printer.print(line, decodeRecord(line));
      this.count += 1;
    } catch (error) {
      // What is no record is for `verify` to tell.
      if (!(error instanceof RecordFormatError)) throw error;
    }
  }
}
