import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, listStreams, type ReadFrom, type ReadLine, type StreamEntry, StreamReader } from '@botaudit/journal';
import { compareDecimal } from '../text/time.js';
import { observedTime } from './line-fields.js';
import type { OnTrouble } from './merge.js';

/** Files are looked at this often: a watch would miss what other hosts write to a shared volume. */
const INTERVAL_MS = 200;

/** How often it is checked whether the writers live, and whether a folder became a stream that was none before. */
const SLOW_INTERVAL_MS = 5_000;

const BATCH = 1_000;

/** How to follow a journal. */
export interface FollowOptions {
  readonly directory: string;
  /** Streams that are known, and where each of them is to be read on. */
  readonly known: readonly StreamEntry[];
  readonly ends: ReadonlyMap<StreamEntry, ReadFrom>;
  readonly onTrouble: OnTrouble;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * What is appended to a journal from now on, to streams that are there and to new ones, in the order of time as far as
 * it is read at once. Ends when `signal` says so. Streams whose writer is gone are let go of once they are read.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<ReadLine[]> {
  const follower = new Follower(options);
  try {
    while (!options.signal.aborted) {
      const lines = follower.read();
      if (lines.length > 0) yield lines;
      else await pause(INTERVAL_MS, undefined, { signal: options.signal });
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    follower.close();
  }
}

class Follower {
  readonly #directory: string;
  readonly #onTrouble: OnTrouble;
  readonly #known: Set<string>;
  readonly #followed = new Map<StreamEntry, StreamReader>();
  readonly #troubled = new Set<StreamEntry>();
  /** Folders that were no streams when last looked at. */
  #strange = new Set<string>();
  #nextSlowCheck = 0;

  constructor({ directory, known, ends, onTrouble }: FollowOptions) {
    this.#directory = directory;
    this.#onTrouble = onTrouble;
    this.#known = new Set(known.map(({ streamId }) => streamId));
    for (const stream of known) this.#add(stream, ends.get(stream));
  }

  /** What is new since the last time, in streams that were there and in those that have appeared. */
  read(): ReadLine[] {
    const slowCheck = performance.now() >= this.#nextSlowCheck;
    if (slowCheck) this.#nextSlowCheck = performance.now() + SLOW_INTERVAL_MS;
    this.#discover(slowCheck);
    // Asked before reading, so that what a writer wrote last is read for certain before its stream is let go of.
    const dead = new Set(slowCheck ? [...this.#followed.keys()].filter(({ directory }) => !isAlive(directory)) : []);
    const lines: ReadLine[] = [];
    for (const [stream, reader] of this.#followed) {
      const batch = this.#attempt(stream, () => reader.read(BATCH)) ?? [];
      lines.push(...batch);
      if (batch.length === 0 && dead.has(stream)) {
        reader.close();
        this.#followed.delete(stream);
      }
    }
    if (lines.length > 0 && this.#followed.size > 1) sortByTime(lines);
    return lines;
  }

  close(): void {
    for (const reader of this.#followed.values()) reader.close();
  }

  /** Looks at names alone unless there is a new one: there may be thousands of streams. */
  #discover(strangeToo: boolean): void {
    const isNew = (name: string) => !this.#known.has(name) && (strangeToo || !this.#strange.has(name));
    if (!names(this.#directory).some(isNew)) return;
    for (const stream of listStreams(this.#directory)) {
      if (this.#known.has(stream.streamId)) continue;
      this.#known.add(stream.streamId);
      this.#add(stream, undefined);
    }
    this.#strange = new Set(names(this.#directory).filter((name) => !this.#known.has(name)));
  }

  #add(stream: StreamEntry, from: ReadFrom | undefined): void {
    const reader = this.#attempt(stream, () => new StreamReader(stream.directory, { from }));
    if (reader) this.#followed.set(stream, reader);
  }

  /** Says once of a stream what is wrong with it, and tries again the next time. */
  #attempt<T>(stream: StreamEntry, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!this.#troubled.has(stream)) this.#onTrouble(stream, error as Error);
      this.#troubled.add(stream);
      return undefined;
    }
  }
}

function sortByTime(lines: ReadLine[]): void {
  const timed = lines.map((read) => ({ read, time: observedTime(read.line) ?? '0' }));
  timed.sort((a, b) => compareDecimal(a.time, b.time));
  for (const [i, { read }] of timed.entries()) lines[i] = read;
}

function names(directory: string): string[] {
  try {
    return readdirSync(join(directory, 'streams'));
  } catch {
    // Not there yet, or gone: there is nothing new in it.
    return [];
  }
}
