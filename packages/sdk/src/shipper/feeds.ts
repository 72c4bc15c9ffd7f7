import { join } from 'node:path';
import { Adoption, adoptable, isAlive, listStreams, type StreamEntry } from '@botaudit/journal';
import { accessOf } from './access.js';
import { StreamFeed } from './stream-feed.js';
import type { Wire } from './wire.js';

/** So many streams that were left are taken on at a time: a folder may hold thousands. */
const MAX_ADOPTED = 16;

/** Which streams of a journal are shipped. */
export interface FeedsOptions {
  /** The journal's folder. */
  readonly directory: string;
  /** The stream of this process: it, and those whose writer is gone, are shipped. Default: all streams of the folder. */
  readonly own?: string | undefined;
  readonly wire: Wire;
  /** Takes a line for people: which stream can't be read, and why. */
  readonly say: (message: string) => void;
}

/** The streams that are being shipped. */
export class Feeds {
  readonly own: StreamFeed | undefined;
  readonly #options: FeedsOptions;
  readonly #feeds = new Map<string, StreamFeed>();
  readonly #unreadable = new Set<string>();
  #adopted = 0;
  #more = false;

  constructor(options: FeedsOptions) {
    this.#options = options;
    const { own, directory, wire } = options;
    if (own === undefined) return;
    const entry = { streamId: own, directory: join(directory, 'streams', own), segments: [] };
    this.own = new StreamFeed(entry, wire);
    this.#feeds.set(own, this.own);
  }

  [Symbol.iterator](): Iterator<StreamFeed> {
    return this.#feeds.values();
  }

  /** How many streams could not be read, or not wholly, at some time. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** Whether streams that were left wait for others to be finished, and may be taken on now. */
  get hasRoom(): boolean {
    return this.#more && this.#adopted < MAX_ADOPTED;
  }

  /**
   * Looks for streams that have come to be, or to be without their writer.
   *
   * @returns whether somebody else is at one of them, so that it is worth looking again soon.
   */
  discover(): boolean {
    let busy = false;
    const { directory, own } = this.#options;
    this.#more = false;
    for (const entry of adoptable(directory, (streamId, problem) => this.#tell(streamId, problem))) {
      if (!entry.unacknowledged || entry.streamId === own || this.#feeds.get(entry.streamId)?.adopted) continue;
      if (this.#adopted === MAX_ADOPTED) {
        this.#more = true;
        break;
      }
      const adoption = this.#attempt(entry.streamId, () => Adoption.take(entry, accessOf(entry.directory)));
      if (adoption) this.#add(entry, adoption);
      else busy = true;
    }
    if (own !== undefined) return busy;
    for (const entry of listStreams(directory)) {
      if (this.#feeds.has(entry.streamId) || !isAlive(entry.directory)) continue;
      this.#add(entry);
    }
    return busy;
  }

  /** An adopted stream has been shipped to its end, which is final. */
  finish(feed: StreamFeed): void {
    this.#feeds.delete(feed.entry.streamId);
    this.#adopted--;
    feed.close();
  }

  /** Runs `read` on a stream's files; where they can't be read now, says so once and gives `undefined`. */
  attempt<T>(feed: StreamFeed, read: () => T): T | undefined {
    return this.#attempt(feed.entry.streamId, read);
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #add(entry: StreamEntry, adoption?: Adoption): void {
    const { streamId } = entry;
    const feed = this.#attempt(streamId, () => new StreamFeed(entry, this.#options.wire, adoption));
    if (!feed) {
      adoption?.release();
      return;
    }
    // What it was before, a stream whose writer lived, is over.
    this.#feeds.get(streamId)?.close();
    this.#feeds.set(streamId, feed);
    if (adoption) this.#adopted++;
  }

  #attempt<T>(streamId: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#tell(streamId, error as Error);
      return undefined;
    }
  }

  /** A stream can't be read, which is said once. */
  #tell(streamId: string, { message }: Error): void {
    if (!this.#unreadable.has(streamId)) this.#options.say(`${message}; it is tried again`);
    this.#unreadable.add(streamId);
  }
}
