import { hash } from 'node:crypto';
import { type ReadFrom, type ReadLine, StreamReader } from '@botaudit/journal';
import { parseRecord } from '@botaudit/record';

/** How many records are held at a time. */
const BATCH = 1_000;

/** Reads a stream that is being written to, and checks that each record follows from the one before it. */
export class ReadBack {
  readonly #streamDirectory: string;
  #last: ReadLine | undefined;

  constructor(streamDirectory: string) {
    this.#streamDirectory = streamDirectory;
  }

  /**
   * Reads what has come since the last call.
   *
   * @returns whether the record `id` is among it.
   * @throws when a line is no record, or does not follow from the one before it; or when it can't be read.
   */
  find(id: string): boolean {
    const reader = new StreamReader(this.#streamDirectory, { from: after(this.#last) });
    try {
      let found = false;
      for (let lines = reader.read(BATCH); lines.length > 0; lines = reader.read(BATCH)) {
        for (const line of lines) found = this.#take(line) === id || found;
      }
      const { lines, segments } = reader.skipped;
      if (lines + segments > 0) throw new Error(`record ${this.#last?.number ?? 0} is followed by what is no record`);
      return found;
    } finally {
      reader.close();
    }
  }

  /** @returns the id of the record. */
  #take(next: ReadLine): unknown {
    const { attributes } = parseRecord(next.line);
    const last = this.#last;
    const follows =
      next.number === (last?.number ?? 0) + 1 &&
      attributes['audit.sequence.previous_hash'] === (last && hash('sha256', last.line));
    if (!follows) throw new Error(`record ${next.number} does not follow from record ${last?.number ?? 0}`);
    this.#last = next;
    return attributes['audit.record.id'];
  }
}

function after(line: ReadLine | undefined): ReadFrom | undefined {
  return line && { segment: line.segment, offset: line.endOffset };
}
