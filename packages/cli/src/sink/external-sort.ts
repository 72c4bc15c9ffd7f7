import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LineSplitter } from '@botaudit/journal';

/** Something to sort: by key, then by number. */
export interface Sortable {
  readonly key: string;
  readonly number: number;
  readonly content: string;
}

/** UTF-16 units that are kept in memory. */
const MAX_HELD = 16 * 1024 * 1024;

/** Files that are read at a time. */
const MAX_FILES = 32;

/** A record has 256 KiB at most; escapes make it longer. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** Sorts more than fits into memory, by way of files in a folder that only this user can look into. */
export class ExternalSort {
  #held: Sortable[] = [];
  #size = 0;
  #folder: string | undefined;
  #files: string[] = [];
  #made = 0;

  /** Takes in one more. @throws what writing a file throws. */
  async add(one: Sortable): Promise<void> {
    this.#held.push(one);
    this.#size += one.content.length;
    if (this.#size < MAX_HELD) return;
    await this.#write(inMemory(this.#held));
    this.#held = [];
    this.#size = 0;
    if (this.#files.length < MAX_FILES) return;
    const files = this.#files;
    this.#files = [];
    await this.#write(merge(files.map(readFile)));
    for (const file of files) await rm(file);
  }

  /** All of them, in order. @throws what reading a file throws. */
  sorted(): AsyncGenerator<Sortable, void, undefined> {
    return merge([...this.#files.map(readFile), inMemory(this.#held)]);
  }

  /** Removes the files. */
  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #write(sorted: AsyncGenerator<Sortable>): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'botaudit-verify-'));
    const file = join(this.#folder, String(++this.#made));
    await pipeline(Readable.from(lines(sorted)), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
    this.#files.push(file);
  }
}

async function* lines(sorted: AsyncIterable<Sortable>): AsyncGenerator<string, void, undefined> {
  for await (const { key, number, content } of sorted) yield `${JSON.stringify([key, number, content])}\n`;
}

async function* inMemory(held: Sortable[]): AsyncGenerator<Sortable, void, undefined> {
  yield* held.sort(compare);
}

async function* readFile(file: string): AsyncGenerator<Sortable, void, undefined> {
  const splitter = new LineSplitter(0, MAX_LINE_BYTES);
  for await (const chunk of createReadStream(file)) {
    for (const { text } of splitter.push(chunk)) {
      const [key, number, content] = JSON.parse(text ?? '') as [string, number, string];
      yield { key, number, content };
    }
  }
}

async function* merge(
  sources: readonly AsyncGenerator<Sortable, void, undefined>[],
): AsyncGenerator<Sortable, void, undefined> {
  const heads: { value: Sortable; source: AsyncGenerator<Sortable, void, undefined> }[] = [];
  for (const source of sources) {
    const { done, value } = await source.next();
    if (!done) heads.push({ value, source });
  }
  while (heads.length > 0) {
    let least = 0;
    for (let index = 1; index < heads.length; index++) {
      if (compare(heads[index]!.value, heads[least]!.value) < 0) least = index;
    }
    const head = heads[least]!;
    yield head.value;
    const { done, value } = await head.source.next();
    if (done) heads.splice(least, 1);
    else head.value = value;
  }
}

function compare(a: Sortable, b: Sortable): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.number - b.number;
}
