import type { RawLine } from '@botaudit/journal';
import type { LineRead, Link } from '@botaudit/record';

/** A line as a verifier takes it: what it was found to be, and what is known of its place. */
export interface ReadLine {
  readonly found: Pick<RawLine, 'path' | 'terminated' | 'defect' | 'reason'>;
  readonly read: LineRead;
}

/** Records of a stream that follow one another, as nearly all do: what tells them apart, in as few objects as may be. */
interface Run {
  readonly streamId: string;
  /** Of the first one. */
  readonly number: number;
  /** Of the first one. */
  readonly previous: string | undefined;
  readonly count: number;
  /** Of 64 digits each, one after the other. */
  readonly hashes: string;
  /** Ids, with a newline between them. */
  readonly ids: string;
}

/** Lines on their way from one thread to another, in order. */
export type PackedLines = readonly (Run | ReadLine)[];

const HASH_LENGTH = 64;

/** Packs lines that were read one after the other. */
export class LinePacker {
  #packed: (Run | ReadLine)[] = [];
  #run: Link[] = [];
  #count = 0;

  /** How many lines it holds. */
  get count(): number {
    return this.#count;
  }

  add(line: ReadLine): void {
    this.#count++;
    const { found, read } = line;
    const { link } = read;
    if (!link || !found.terminated || read.testimony || link.end || link.recordId.includes('\n')) {
      this.#endRun();
      this.#packed.push(line);
      return;
    }
    const last = this.#run.at(-1);
    const goesOn = last && last.streamId === link.streamId && follows(last, link);
    if (!goesOn) this.#endRun();
    this.#run.push(link);
  }

  /** All that was added since the last call. */
  take(): PackedLines {
    this.#endRun();
    const packed = this.#packed;
    this.#packed = [];
    this.#count = 0;
    return packed;
  }

  #endRun(): void {
    const [first] = this.#run;
    if (!first) return;
    const { streamId, number, previous } = first;
    const hashes = this.#run.map(({ hash }) => hash).join('');
    const ids = this.#run.map(({ recordId }) => recordId).join('\n');
    this.#packed.push({ streamId, number, previous, count: this.#run.length, hashes, ids });
    this.#run = [];
  }
}

/** Gives packed lines back, one after the other. */
export function* unpack(packed: PackedLines, path: string): Generator<ReadLine, void, undefined> {
  const found = { path, terminated: true };
  for (const item of packed) {
    if ('read' in item) {
      yield item;
      continue;
    }
    const { streamId, number, hashes, count } = item;
    const ids = item.ids.split('\n');
    let { previous } = item;
    for (let index = 0; index < count; index++) {
      const hash = hashes.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
      const link = { streamId, number: number + index, recordId: ids[index] ?? '', hash, previous, end: false };
      yield { found, read: { link } };
      previous = hash;
    }
  }
}

function follows(last: Link, link: Link): boolean {
  return link.number === last.number + 1 && link.previous === last.hash;
}
