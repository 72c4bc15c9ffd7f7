import { listStreams, type StreamEntry } from '@botaudit/journal';
import { type AuditRecord, decodeRecord, RecordFormatError } from '@botaudit/record';
import { EXIT } from '../failure.js';
import { PassedOver } from '../journal/merge.js';
import type { Output } from '../output.js';
import { say } from '../stderr.js';
import { harmlessJson } from '../text/harmless.js';
import { RecordLines } from '../text/record-line.js';

/** The streams of a journal, and what could not be read of them. */
export class Reading {
  readonly streams: readonly StreamEntry[];
  /** Whether anything could not be read, so that the answer may not be the whole one. */
  #incomplete = false;
  #passedOver = 0;
  #damaged = 0;

  /**
   * @param directory `undefined` where no journal is read, but records from elsewhere.
   * @throws {JournalReadError} when the folder can't be read.
   */
  constructor(directory: string | undefined) {
    this.streams = directory === undefined ? [] : listStreams(directory);
    // Without its description a stream can be read all the same; one of a newer version fails when it is opened.
    for (const { problem } of this.streams) {
      if (problem && !('newerVersion' in problem && problem.newerVersion !== undefined)) say(problem.message);
    }
  }

  /** Says what is wrong with a stream. */
  readonly onTrouble = (_stream: StreamEntry, problem: Error): void => {
    if (problem instanceof PassedOver) {
      this.#passedOver += problem.lines;
      this.#damaged += problem.segments;
    } else {
      this.#incomplete = true;
      say(problem.message);
    }
  };

  /** The record on a line, or `undefined` when it turns out to be none. */
  decode(line: string): AuditRecord | undefined {
    try {
      return decodeRecord(line);
    } catch (error) {
      if (!(error instanceof RecordFormatError)) throw error;
      this.#passedOver++;
      return undefined;
    }
  }

  /** Says what was passed over. Returns the exit code, which is `otherwise` if everything could be read. */
  finish(otherwise: number): number {
    if (this.#passedOver > 0) {
      const what = this.#passedOver === 1 ? 'one line is no record' : `${this.#passedOver} lines are no records`;
      say(`${what}; botaudit verify says more`);
    }
    if (this.#damaged > 0) {
      const what = this.#damaged === 1 ? 'one segment' : `${this.#damaged} segments`;
      say(`${what} can't be read, or not to the end; botaudit verify says more`);
    }
    return this.#incomplete ? EXIT.failed : otherwise;
  }
}

/** Prints records: for people a line each, for programs the canonical line as it stands in the journal. */
export class RecordPrinter {
  readonly #output: Output;
  readonly #lines: RecordLines | undefined;

  constructor(output: Output, json: boolean | undefined) {
    this.#output = output;
    this.#lines = json ? undefined : new RecordLines(output);
  }

  /** @param record what `line` decodes to. */
  print(line: string, record: AuditRecord): Promise<void> | undefined {
    if (this.#lines) return this.#output.line(this.#lines.line(record));
    return this.#output.line(this.#output.isTerminal ? harmlessJson(line) : line);
  }
}
