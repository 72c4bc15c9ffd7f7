import { DirectSink } from './direct-sink.js';
import { JournalWriteError } from './errors.js';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';
import type { Announce, Room } from './room.js';
import { type SegmentRules, Segments } from './segments.js';
import type { Sink } from './sink.js';
import type { StreamHome } from './stream-home.js';

/**
 * Durability `power`: a line is in the kernel's hands when `append` returns, as with `process`, and is synced to the disk
 * soon after, by another thread.
 */
export class PowerSink implements Sink {
  readonly #direct: DirectSink;
  readonly #segments: Segments;
  readonly #commit: GroupCommit;

  private constructor(segments: Segments, commit: GroupCommit) {
    this.#direct = new DirectSink(segments);
    this.#segments = segments;
    this.#commit = commit;
  }

  /** A sink over segments of its own, which it settles one after the other. */
  static open(
    home: StreamHome,
    room: Room,
    rules: SegmentRules,
    options: Omit<GroupCommitOptions, 'onFailure'>,
  ): PowerSink {
    const commit = new GroupCommit({ ...options, onFailure: () => sink.#takeFailure() });
    const sink: PowerSink = new PowerSink(new Segments(home, room, { ...rules, keeper: commit }), commit);
    return sink;
  }

  get streamDirectory(): string {
    return this.#direct.streamDirectory;
  }

  get locked(): boolean {
    return this.#direct.locked;
  }

  get bytes(): number {
    return this.#direct.bytes;
  }

  prepare(): void {
    this.#direct.prepare();
  }

  append(line: string, sync?: boolean): void {
    if (this.#commit.hasFailed) this.#takeFailure();
    this.#direct.append(line);
    this.#commit.wrote();
    if (sync) this.#syncNow();
  }

  flush(): void {
    this.#direct.flush();
  }

  makeRoom(announce: Announce): Generator<void, void, undefined> {
    return this.#direct.makeRoom(announce);
  }

  close(): void {
    this.#direct.close();
    this.#commit.close();
  }

  /** Leaves the segment of which a sync failed. */
  #takeFailure(): void {
    if (this.#commit.takeFailure()) this.#segments.leave();
  }

  #syncNow(): void {
    try {
      this.#commit.syncNow();
    } catch (error) {
      this.#segments.leave();
      throw JournalWriteError.unsynced(error, this.streamDirectory);
    }
  }
}
