import { BufferedSink } from './buffered-sink.js';
import { Compressor } from './compressor.js';
import { DirectSink } from './direct-sink.js';
import { JournalWriteError } from './errors.js';
import type { MemoryRing } from './memory-ring.js';
import { News, type WriterListeners } from './news.js';
import { PowerSink } from './power-sink.js';
import type { RetentionRules } from './retention.js';
import { RingSink } from './ring-sink.js';
import { Room } from './room.js';
import { Segments } from './segments.js';
import type { Sink } from './sink.js';
import { DEFAULT_LIMITS, type JournalLimits } from './space.js';
import { StreamHome } from './stream-home.js';
import type { StreamInfo } from './stream-info.js';

/**
 * What a return from `append` means. `memory`: the line will be written within a tick. `process`: it survives the process
 * being killed. `power`: it does so too, and survives the loss of power once it was synced, which happens in the
 * background, at most `syncIntervalMs` and the time of a sync later.
 */
export type Durability = 'memory' | 'process' | 'power';

/** Options of {@link JournalWriter.append}. */
export interface AppendOptions {
  /**
   * Whether to return only when the line is as durable as the writer's durability can make it: synced with `power`,
   * written with `memory`; with `process` it always is. The thread waits for the disk. Default `false`.
   */
  readonly sync?: boolean | undefined;
}

export interface JournalWriterOptions extends WriterListeners {
  /** The journal's folder, as `chooseDirectory` found it. */
  readonly directory: string;
  /** UUID v4 of the stream, used never before. */
  readonly streamId: string;
  readonly info: StreamInfo;
  /** Default `process`. */
  readonly durability?: Durability | undefined;
  /** With `power`: at most one sync in so many milliseconds. A line after a quiet time is synced at once. Default 50. */
  readonly syncIntervalMs?: number | undefined;
  /** Length from which on a segment is full. Default 16 MiB; at most an eighth of `limits.maxBytes`. */
  readonly segmentMaxBytes?: number | undefined;
  /** Age from which on a segment takes no more records, ms. Default 24 h. */
  readonly segmentMaxAgeMs?: number | undefined;
  /**
   * `zstd`: finished segments are compressed, by a thread that is there for that time; those of ended streams of the
   * folder too. Never with durability `memory`, whose file system may hang. Default `none`.
   */
  readonly compress?: 'zstd' | 'none' | undefined;
  /** Default 1 GiB, and a tenth of the file system left free. */
  readonly limits?: JournalLimits | undefined;
  /** Which finished segments may be removed to keep the limits, and when they are anyway; see `enforceLimits`. */
  readonly retention?: RetentionRules | undefined;
  /** Whether the folder's group may read. Default `false`. */
  readonly groupRead?: boolean | undefined;
}

const SEGMENT_MAX_BYTES = 16 * 1024 * 1024;
const SEGMENT_MAX_AGE_MS = 24 * 60 * 60 * 1000;
const SYNC_INTERVAL_MS = 50;
const SMALLEST_SEGMENT_BYTES = 64 * 1024;

/** Writes one stream. */
export class JournalWriter {
  readonly #sink: Sink;
  readonly #news: News;
  #problem: JournalWriteError | undefined;

  private constructor(sink: Sink, news: News) {
    this.#sink = sink;
    this.#news = news;
  }

  /**
   * Opens a new stream: makes its folder, takes its lock, describes it. A disk that cannot be written at the moment is
   * no error here: {@link problem} says so, and each append tries again.
   *
   * @throws {JournalWriteError} `EEXIST` when there is a stream of this id already.
   */
  static open(options: JournalWriterOptions): JournalWriter {
    const { directory, streamId, limits = DEFAULT_LIMITS, durability = 'process', groupRead } = options;
    const news = new News(options);
    const home = new StreamHome(directory, { ...options.info, streamId }, { groupRead });
    const segmentBytes = Math.min(
      options.segmentMaxBytes ?? SEGMENT_MAX_BYTES,
      Math.max(SMALLEST_SEGMENT_BYTES, Math.floor(limits.maxBytes / 8)),
    );
    const room = new Room(directory, {
      limits,
      rules: options.retention ?? {},
      segmentBytes,
      request: () => news.makeRoomSoon(),
      onRemoved: (removed) => news.removed(removed),
    });
    const compressor =
      options.compress === 'zstd' && durability !== 'memory'
        ? new Compressor({ directory, own: streamId, groupRead: groupRead ?? false })
        : undefined;
    const rules = {
      maxBytes: segmentBytes,
      maxAgeMs: options.segmentMaxAgeMs ?? SEGMENT_MAX_AGE_MS,
      positioned: durability === 'memory',
      onGone: (lines: number) => news.lost({ lines, code: 'ENOENT' }),
      onFinished: () => compressor?.request(),
    };
    const sink =
      durability === 'power'
        ? PowerSink.open(home, room, rules, {
            intervalMs: options.syncIntervalMs ?? SYNC_INTERVAL_MS,
            onUnsynced: (unsynced) => news.unsynced(unsynced),
          })
        : durability === 'memory'
          ? new BufferedSink(new Segments(home, room, rules), (loss) => news.lost(loss))
          : new DirectSink(new Segments(home, room, rules));
    news.sink = sink;
    const writer = new JournalWriter(sink, news);
    writer.#prepare();
    // After the start, not in it: a folder with many streams takes a while to look at.
    news.makeRoomSoon();
    return writer;
  }

  /** A writer that keeps the stream in memory, where no folder can be written. */
  static inMemory(ring: MemoryRing): JournalWriter {
    return new JournalWriter(new RingSink(ring), new News({}));
  }

  /** Folder of the stream; `undefined` in memory. */
  get streamDirectory(): string | undefined {
    return this.#sink.streamDirectory;
  }

  /** Bytes of the lines written so far. */
  get bytes(): number {
    return this.#sink.bytes;
  }

  /** Whether the lock is held by which others see that this writer lives; `false` where the file system has none. */
  get locked(): boolean {
    return this.#sink.locked;
  }

  /** Why the stream's folder could not be made when it was opened. */
  get problem(): JournalWriteError | undefined {
    return this.#problem;
  }

  /**
   * Appends one line. When it returns, the line is as durable as configured; when it throws, nothing of it counts as
   * written, and the same record may be appended again. The one exception, with `sync` alone: where the line was written
   * and could not be synced, the error's `written` is `true`; the line stands in the stream and the next follows from it.
   *
   * @param line one canonical record, without newline, at most 1 MiB.
   * @throws {JournalWriteError}
   */
  append(line: string, options?: AppendOptions): void {
    this.#sink.append(line, options?.sync);
  }

  /**
   * Writes what is buffered, and hands over what `onLoss` and `onRetention` have to be told: call it before the record
   * that closes the stream.
   *
   * @throws {JournalWriteError} when lines can't be written; they stay buffered.
   */
  flush(): void {
    this.#sink.flush();
    this.#news.tell();
  }

  /**
   * Ends the stream and lets go of its lock, after it wrote what is buffered and synced what has to be. Synchronous, for
   * the `exit` event. Never throws.
   */
  close(): void {
    this.#news.sink = undefined;
    this.#sink.close();
    this.#news.tell();
  }

  #prepare(): void {
    try {
      this.#sink.prepare();
    } catch (error) {
      const problem = JournalWriteError.from(error, this.#sink.streamDirectory ?? '');
      if (problem.code === 'EEXIST') throw problem;
      this.#problem = problem;
    }
  }
}
