import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { CheckReport } from '../../src/journal/check.js';
import { checkJournal } from '../../src/journal/check-journal.js';

/** What verification says of a journal, and of what is beside it. */
export interface Verdict {
  readonly report: CheckReport;
  /** What it says of a stream's description. */
  readonly said: readonly string[];
}

/** Verifies a journal as the command does, in this process. Whatever it throws, the test fails with. */
export function judge(
  directory: string,
  publicKeys: readonly string[],
  outside?: ReadonlyMap<string, readonly string[]>,
): Verdict {
  const said: string[] = [];
  const report = checkJournal(directory, { publicKeys, outside, onProblem: ({ message }) => said.push(message) });
  return { report, said };
}

/** Whether a verdict is another one than that of the journal as it was. */
export function differs({ report, said }: Verdict, sound: Verdict): boolean {
  return !report.intact || said.length > 0 || textOf(report) !== textOf(sound.report);
}

const textOf = ({ findings }: CheckReport) => findings.map(({ message, severity }) => severity + message).join('\n');

/** A file that is damaged and made good again, many times. */
export class Victim {
  readonly path: string;
  readonly content: Buffer;
  readonly #fd: number;

  constructor(path: string) {
    this.path = path;
    this.content = readFileSync(path);
    this.#fd = openSync(path, 'r+');
  }

  get size(): number {
    return this.content.length;
  }

  /** Where lines begin, and the end. */
  get lineStarts(): number[] {
    const starts = [0];
    for (let at = this.content.indexOf(10); at >= 0; at = this.content.indexOf(10, at + 1)) starts.push(at + 1);
    return starts;
  }

  /** The lines, newlines included. */
  get lines(): Buffer[] {
    const starts = this.lineStarts;
    return starts.slice(0, -1).map((start, index) => this.content.subarray(start, starts[index + 1]));
  }

  /** Turns one bit while `judge` looks. */
  withBitTurned<T>(byte: number, bit: number, judge: () => T): T {
    return this.#with(() => writeSync(this.#fd, Buffer.of(this.content[byte]! ^ (1 << bit)), 0, 1, byte), judge);
  }

  /** Cuts it off while `judge` looks. */
  withCutAt<T>(length: number, judge: () => T): T {
    return this.#with(() => ftruncateSync(this.#fd, length), judge);
  }

  /** Holds other content while `judge` looks. */
  with<T>(content: Uint8Array, judge: () => T): T {
    return this.#with(() => {
      ftruncateSync(this.#fd, content.length);
      writeSync(this.#fd, content, 0, content.length, 0);
    }, judge);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #with<T>(damage: () => unknown, judge: () => T): T {
    damage();
    try {
      return judge();
    } finally {
      if (fstatSync(this.#fd).size > this.size) ftruncateSync(this.#fd, this.size);
      writeSync(this.#fd, this.content, 0, this.size, 0);
    }
  }
}

/**
 * What of `all` this run looks at: everything, or this part of it, where it is asked for (`BOTAUDIT_EXHAUSTIVE`: `1`, or
 * `2/5` for the second of five parts); else a sample, another one each time.
 */
export function some<T>(all: readonly T[], sample: number): T[] {
  const asked = process.env.BOTAUDIT_EXHAUSTIVE;
  if (asked) {
    const [part = 1, parts = 1] = asked.split('/').map(Number);
    return all.filter((_, index) => index % parts === part % parts);
  }
  if (all.length <= sample) return [...all];
  const picked = new Set<number>();
  while (picked.size < sample) picked.add(Math.floor(Math.random() * all.length));
  return [...picked].map((index) => all[index]!);
}

export const isExhaustive = Boolean(process.env.BOTAUDIT_EXHAUSTIVE);

export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
