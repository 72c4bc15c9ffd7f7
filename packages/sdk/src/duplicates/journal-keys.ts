import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval, setTimeout } from 'node:timers';
import { compressedName, listSegments, readRawSegment, segmentName, segmentSize } from '@botaudit/journal';
import { FirstInFirstOut } from './first-in-first-out.js';
import { type DuplicateMemory, REMEMBERED_MS } from './memory.js';
import { firstOf, type KeyedRecord, keyedRecord } from './record-keys.js';

/** What is read of the past: the last so many bytes of all streams, which hold more than 10,000 updates. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What is read of each stream that goes on, each time. */
const MAX_FOLLOWED_BYTES = 1024 * 1024;
const FOLLOW_MS = 5_000;
/** Between two other things of the thread. */
const LINES_A_STEP = 200;
/** A stream to which nothing was written for this long is not followed: a living one has its heartbeats. */
const LEFT_AFTER_MS = 60 * 60 * 1000;
/** Updates are known by their records, so that their actions are; as many as keys. */
const MOST_UPDATES = 10_000;

export interface JournalKeysOptions {
  readonly directory: string;
  /** This thread's stream, of which nothing has to be read. */
  readonly own: string;
  readonly memory: DuplicateMemory;
  /** Another process did first what this one did too, at the same time: no record could say so any more. */
  readonly onLate: (first: Pick<KeyedRecord, 'name' | 'kind' | 'framework'>) => void;
  readonly onError: (error: unknown) => void;
}

/** A part of a segment that is to be read. */
interface Piece {
  readonly folder: string;
  readonly segment: number;
  readonly start: number;
}

/** A segment to which something was written within a day. */
interface Found extends Omit<Piece, 'start'> {
  readonly modified: number;
}

/** How far a stream has been read. */
interface Place {
  segment: number;
  offset: number;
}

/** Reads from the other streams of a journal's folder what happened within a day, and goes on to. */
export class JournalKeys {
  readonly #options: JournalKeysOptions;
  readonly #updates = new FirstInFirstOut<string>(MOST_UPDATES);
  readonly #places = new Map<string, Place>();
  #past: Generator<void, void, undefined> | undefined;
  #stepping: NodeJS.Timeout | undefined;
  #following: NodeJS.Timeout | undefined;

  constructor(options: JournalKeysOptions) {
    this.#options = options;
    this.#past = this.#readPast();
  }

  /** Reads in steps, between other things; keeps no process alive. */
  start(): void {
    this.#following ??= setInterval(() => this.follow(), FOLLOW_MS).unref();
    this.#stepping ??= setTimeout(() => {
      this.#stepping = undefined;
      this.#guard(() => {
        if (this.#past?.next().done) this.#past = undefined;
      });
      if (this.#past) this.start();
    }, 0).unref();
  }

  /** Reads what is left of the past at once. */
  finish(): void {
    if (!this.#past) return;
    this.#guard(() => {
      while (this.#past && !this.#past.next().done);
    });
    this.#past = undefined;
  }

  stop(): void {
    clearTimeout(this.#stepping);
    clearInterval(this.#following);
  }

  /** What can't be read is not known; the bot goes on. */
  #guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#past = undefined;
      this.#options.onError(error);
    }
  }

  *#readPast(): Generator<void, void, undefined> {
    const oldest = Date.now() - REMEMBERED_MS;
    const found: Found[] = [];
    for (const folder of this.#folders()) {
      yield;
      for (const segment of listSegments(folder).reverse()) {
        const stats = statsOf(folder, segment);
        if (!stats) continue;
        if (stats.mtimeMs < oldest) break;
        found.push({ folder, segment, modified: stats.mtimeMs });
      }
    }
    // The latest as far as the limit goes, and of these the oldest first: what a record names stands before it.
    found.sort((a, b) => b.modified - a.modified);
    let left = MAX_BYTES;
    const read: Piece[] = [];
    for (const { folder, segment } of found) {
      if (left <= 0) break;
      // Of a compressed one too it is the lines that count: its file says nothing of how long they take.
      const size = segmentSize(folder, segment) ?? 0;
      read.push({ folder, segment, start: Math.max(0, size - left) });
      left -= size;
    }
    for (const piece of read.reverse()) yield* this.#read(piece, Number.POSITIVE_INFINITY);
  }

  #folders(): string[] {
    const streams = join(this.#options.directory, 'streams');
    try {
      return readdirSync(streams)
        .filter((name) => name !== this.#options.own)
        .map((name) => join(streams, name));
    } catch {
      // There is none yet.
      return [];
    }
  }

  /** Reads what was added since. */
  follow(): void {
    if (this.#past) return;
    this.#guard(() => {
      for (const folder of this.#folders()) {
        const place = this.#places.get(folder) ?? { segment: listSegments(folder)[0] ?? 1, offset: 0 };
        this.#places.set(folder, place);
        const next = statsOf(folder, place.segment + 1);
        const stats = statsOf(folder, place.segment);
        if (stats && !stats.isPacked && isFresh(stats) && stats.size > place.offset) {
          // What more there is, is passed over: to keep up matters more.
          const start = Math.max(place.offset, stats.size - MAX_FOLLOWED_BYTES);
          for (const _ of this.#read({ folder, segment: place.segment, start }, stats.size));
        } else if (next) {
          this.#places.set(folder, { segment: place.segment + 1, offset: 0 });
        }
      }
    });
  }

  *#read({ folder, segment, start }: Piece, end: number): Generator<void, void, undefined> {
    let offset = start;
    let lines = 0;
    for (const line of readRawSegment(folder, segment, { start, end })) {
      if (line.terminated) offset = line.endOffset;
      if (line.terminated && line.text !== undefined) this.#see(line.text);
      if (++lines % LINES_A_STEP === 0) yield;
    }
    const place = this.#places.get(folder);
    if (!place || place.segment <= segment) this.#places.set(folder, { segment, offset });
  }

  #see(line: string): void {
    const { memory, onLate } = this.#options;
    const seen = keyedRecord(line, (recordId) => this.#updates.get(recordId));
    if (!seen) return;
    const { kind, key, recordId, outcome, at, isMarked } = seen;
    if (kind === 'update') this.#updates.add(recordId, key);
    // It has not happened, or not once more.
    if (outcome === 'failure') {
      memory.forget(key, recordId);
      return;
    }
    const known = memory.get(key, at);
    if (known?.isOwn && !isMarked && at < known.at) {
      if (known.recordId !== recordId) onLate(seen);
      return;
    }
    if (known) {
      if (known.recordId === recordId) known.isDone = outcome === 'success' && kind !== 'update';
      return;
    }
    const first = (isMarked ? firstOf(line) : undefined) ?? recordId;
    memory.keep(key, { at, isOwn: false, recordId: first, isDone: outcome === 'success' && kind !== 'update' });
  }
}

function statsOf(
  folder: string,
  segment: number,
): { readonly size: number; readonly isPacked: boolean; readonly mtimeMs: number } | undefined {
  for (const [name, isPacked] of [
    [segmentName(segment), false],
    [compressedName(segment), true],
  ] as const) {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stats) return { size: stats.size, mtimeMs: stats.mtimeMs, isPacked };
  }
  return undefined;
}

function isFresh({ mtimeMs }: { readonly mtimeMs: number }): boolean {
  return Date.now() - mtimeMs < LEFT_AFTER_MS;
}
