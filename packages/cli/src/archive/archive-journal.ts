import { hash } from 'node:crypto';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  archivedThrough,
  compressedName,
  endsOf,
  JournalFormatError,
  JournalReadError,
  listSegments,
  listStreams,
  liveness,
  noteArchived,
  readCheckpointLines,
  readTip,
  STREAM_INFO_FILE,
  type StreamEntry,
  segmentName,
} from '@botaudit/journal';
import { type ArchivedObject, Catalogue } from './catalogue.js';
import { ArchiveError, type ArchiveStore } from './store.js';

/** So many objects come on one page of the catalogue: a run that is killed has to look at no more of them again. */
const PAGE_OBJECTS = 100;

/** What is written is read back and compared, both in memory. Segments have 16 MiB unless somebody chose otherwise. */
const MAX_OBJECT_BYTES = 256 * 1024 * 1024;

/** What a run did. */
export interface ArchiveRun {
  /** Segments that were put into the archive, and read back from there, in this run. */
  readonly archived: number;
  /** Segments that were there already. */
  readonly known: number;
  /** Bytes that were put there. */
  readonly bytes: number;
  /** Files of checkpoints that were put there. */
  readonly checkpoints: number;
  /** Segments that are being written to, so that they are for a later run. */
  readonly open: number;
  /** What could not be archived, and why. */
  readonly problems: readonly { readonly name: string; readonly problem: string }[];
}

export interface ArchiveOptions {
  /** Told of each segment that is done, and of how many there are to do. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  /** Ends the run after the object that is under way; the next one goes on there. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what does no harm to the archive. */
  readonly say: (message: string) => void;
}

interface StreamWork {
  readonly entry: StreamEntry;
  readonly segments: readonly number[];
  /** Whether nothing will follow these. */
  readonly isWhole: boolean;
  /** How many more there are that are being written. */
  readonly open: number;
}

/**
 * Copies all finished segments of a journal, with what describes and vouches for them, into an archive. Each is read back
 * and compared before it counts. Whatever is there already stays as it is, so a run that was killed goes on where it was.
 *
 * @throws {ArchiveError} when the archive can't be read or written.
 * @throws {JournalReadError} when the journal can't be listed.
 */
export async function archiveJournal(
  directory: string,
  store: ArchiveStore,
  options: ArchiveOptions,
): Promise<ArchiveRun> {
  const archiving = new Archiving(store, await Catalogue.read(store), options);
  const before = listStreams(directory);
  await archiving.run(before);
  // Streams that began meanwhile, and that what was archived may name: they are described, and so not missed.
  const known = new Set(before.map(({ streamId }) => streamId));
  const began = listStreams(directory).filter(({ streamId }) => !known.has(streamId));
  return await archiving.finish(began);
}

/** @throws {JournalReadError} */
function workOf(entry: StreamEntry): StreamWork {
  const { directory } = entry;
  const isWhole = liveness(directory) === 'dead' || (readTip(directory)?.closed ?? false);
  // Listed after that, so that none was begun in between.
  const segments = listSegments(directory);
  return {
    entry,
    isWhole,
    segments: isWhole ? segments : segments.slice(0, -1),
    open: isWhole ? 0 : segments.length && 1,
  };
}

class Archiving {
  readonly #store: ArchiveStore;
  readonly #catalogue: Catalogue;
  readonly #options: ArchiveOptions;
  readonly #counts = { archived: 0, known: 0, bytes: 0, checkpoints: 0, open: 0 };
  readonly #problems: { name: string; problem: string }[] = [];
  /** In the archive, and not in its catalogue yet. */
  #page: ArchivedObject[] = [];
  /** Notes for the journal, of what is in the catalogue once the page is. */
  #notes = new Map<StreamEntry, number>();
  #done = 0;

  constructor(store: ArchiveStore, catalogue: Catalogue, options: ArchiveOptions) {
    this.#store = store;
    this.#catalogue = catalogue;
    this.#options = options;
    this.#problems.push(...catalogue.problems);
  }

  async run(streams: readonly StreamEntry[]): Promise<void> {
    const work = streams.flatMap((entry) => this.#reading(entry, () => workOf(entry)) ?? []);
    const all = work.reduce((sum, { segments }) => sum + segments.length, 0);
    for (const stream of work) {
      if (this.#isStopped) return;
      await this.#stream(stream, all);
    }
  }

  async #stream({ entry, segments, isWhole, open }: StreamWork, all: number): Promise<void> {
    await this.#describe(entry);
    this.#counts.open += open;
    let isUnbroken = true;
    for (const segment of segments) {
      if (this.#isStopped) return;
      const isThere = await this.#segment(entry, segment, isWhole && segment === segments.at(-1));
      isUnbroken &&= isThere;
      if (isUnbroken) this.#notes.set(entry, segment);
      this.#options.onProgress?.(++this.#done, all);
      if (this.#page.length >= PAGE_OBJECTS) await this.#turnPage();
    }
    await this.#checkpoints(entry);
  }

  /** One stream that can't be read, or is for a newer version to read, keeps no other one from being archived. */
  #reading<T>({ streamId, problem }: StreamEntry, read: () => T): T | undefined {
    try {
      if (problem && 'newerVersion' in problem && problem.newerVersion !== undefined) throw problem;
      return read();
    } catch (error) {
      if (!(error instanceof JournalReadError || error instanceof JournalFormatError)) throw error;
      this.#problems.push({ name: streamId, problem: error.message });
      return undefined;
    }
  }

  async finish(began: readonly StreamEntry[]): Promise<ArchiveRun> {
    for (const entry of began) if (!this.#isStopped) await this.#describe(entry);
    await this.#turnPage();
    if (this.#isStopped)
      this.#problems.push({ name: this.#store.title, problem: 'the run was stopped before its end' });
    return { ...this.#counts, problems: this.#problems };
  }

  get #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  async #describe(entry: StreamEntry): Promise<void> {
    const content = this.#reading(entry, () => contentOf(join(entry.directory, STREAM_INFO_FILE)));
    const name = nameIn(entry, STREAM_INFO_FILE);
    if (!content || this.#catalogue.objects.has(name)) return;
    await this.#put({ name, streamId: entry.streamId, kind: 'description' }, content, true);
  }

  /** @returns whether the segment is in the archive. */
  async #segment(entry: StreamEntry, segment: number, last: boolean): Promise<boolean> {
    const names = [segmentName(segment), compressedName(segment)];
    if (names.some((name) => this.#catalogue.objects.has(nameIn(entry, name)))) {
      this.#counts.known++;
      return true;
    }
    // One that is compressed while it is looked for has its new file before the old one goes.
    for (const name of names) {
      const failed = this.#problems.length;
      const content = this.#reading(entry, () => contentOf(join(entry.directory, name)));
      if (this.#problems.length > failed) return false;
      if (!content) continue;
      const { firstNumber, lastNumber } = endsIn(entry, segment);
      const facts = { segment, firstNumber, lastNumber, ...(last && { last }) };
      const object = { name: nameIn(entry, name), streamId: entry.streamId, kind: 'segment', ...facts } as const;
      if (!(await this.#put(object, content))) return false;
      this.#counts.archived++;
      return true;
    }
    // Retention was faster, and has said so on the chain; or it is no regular file.
    const name = segmentName(segment);
    this.#problems.push({ name: nameIn(entry, name), problem: 'went from the journal before it could be archived' });
    return false;
  }

  /** Those that are not in the archive, in an object of their own: what is there is never written again. */
  async #checkpoints(entry: StreamEntry): Promise<void> {
    const earlier = [...this.#catalogue.objects.values(), ...this.#page].filter(
      ({ streamId, kind }) => streamId === entry.streamId && kind === 'checkpoints',
    );
    const lines = this.#reading(entry, () => readCheckpointLines(entry.directory)) ?? [];
    const from = lines.findLastIndex((line) => hash('sha256', line) === earlier.at(-1)?.lastLine) + 1;
    const added = lines.slice(from);
    if (added.length === 0) return;
    const content = Buffer.from(added.map((line) => `${line}\n`).join(''));
    const part = String(earlier.length + 1).padStart(8, '0');
    const name = nameIn(entry, `checkpoints-${part}-${hash('sha256', content).slice(0, 16)}.ndjson`);
    const lastLine = hash('sha256', added.at(-1)!);
    if (await this.#put({ name, streamId: entry.streamId, kind: 'checkpoints', lastLine }, content)) {
      this.#counts.checkpoints++;
    }
  }

  /**
   * Sees to it that an object is in the archive with this content.
   *
   * @param mayReplace whether one of another content is written again.
   */
  async #put(object: Omit<ArchivedObject, 'bytes' | 'sha256'>, content: Buffer, mayReplace = false): Promise<boolean> {
    const { name } = object;
    const there = await this.#store.read(name);
    if (there && !there.equals(content) && !mayReplace) {
      this.#problems.push({ name, problem: 'is in the archive with another content, and is left as it is' });
      return false;
    }
    if (!there?.equals(content)) {
      await this.#store.write(name, content);
      const back = await this.#store.read(name);
      if (!back?.equals(content)) {
        throw new ArchiveError(`${this.#store.title} ${name} is not what was written there`);
      }
      this.#counts.bytes += content.length;
    }
    this.#page.push({ ...object, bytes: content.length, sha256: hash('sha256', content) });
    return true;
  }

  async #turnPage(): Promise<void> {
    if (this.#page.length > 0) await this.#catalogue.add(this.#page);
    this.#page = [];
    for (const [entry, segment] of this.#notes) this.#note(entry, segment);
    this.#notes = new Map();
  }

  #note({ directory }: StreamEntry, segment: number): void {
    try {
      if (archivedThrough(directory) >= segment) return;
      const isGroups = (statSync(directory).mode & 0o040) !== 0;
      noteArchived(directory, segment, { groupRead: isGroups });
    } catch (error) {
      this.#options.say(`the journal can't be told what is archived, and so keeps it: ${(error as Error).message}`);
    }
  }
}

const nameIn = ({ streamId }: StreamEntry, file: string) => `streams/${streamId}/${file}`;

/** A segment that holds no record, or is damaged, is archived all the same. */
function endsIn({ directory }: StreamEntry, segment: number): ReturnType<typeof endsOf> {
  try {
    return endsOf(directory, segment);
  } catch {
    return {};
  }
}

/**
 * @returns `undefined` when there is no such regular file.
 * @throws {JournalReadError}
 * @throws {JournalFormatError} when it is larger than what an archive takes.
 */
function contentOf(path: string): Buffer | undefined {
  try {
    const stats = lstatSync(path);
    if (stats.size > MAX_OBJECT_BYTES) {
      throw new JournalFormatError(path, `has ${stats.size} bytes; at most ${MAX_OBJECT_BYTES} go into an archive`);
    }
    return stats.isFile() ? readFileSync(path) : undefined;
  } catch (error) {
    if (error instanceof JournalFormatError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new JournalReadError(error, path);
  }
}
