import { listStreams, readRawFile, readRawSegment, type StreamEntry } from '@botaudit/journal';
import { Failure } from '../failure.js';
import { Check, type CheckReport } from '../journal/check.js';
import type { SourceOptions } from '../journal/check-journal.js';
import type { ArchivedObject } from './catalogue.js';
import { ArchiveContents, type ArchivedStream } from './contents.js';
import type { ArchiveStore } from './store.js';

/** How to check, and who is told how far it is. */
export interface ArchiveCheckOptions extends SourceOptions {
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Verifies what an archive holds by that alone, as whoever has nothing else would: every object against the catalogue,
 * every record against its chain and the checkpoints.
 *
 * @throws {ArchiveError} when it can't be read.
 */
export async function checkArchive(store: ArchiveStore, options: ArchiveCheckOptions): Promise<CheckReport> {
  return await ArchiveContents.of(store, async (contents) => {
    const { streams } = contents;
    const goOn = streams.filter(({ isWhole }) => !isWhole);
    const reach = new Map(goOn.map(({ streamId, lastNumber }) => [streamId, lastNumber]));
    // A stream that is named may have gone from the journal before the archive began.
    const check = new Check({ complete: false, reach, publicKeys: options.publicKeys });
    return await new ArchiveCheck(contents, check, options).run([]);
  });
}

/**
 * Verifies a journal and its archive as one: of each stream the archive's segments where the journal has none any more.
 *
 * @throws {ArchiveError} when the archive can't be read.
 */
export async function checkTogether(
  directory: string,
  store: ArchiveStore,
  options: ArchiveCheckOptions,
): Promise<CheckReport> {
  return await ArchiveContents.of(store, async (contents) => {
    // A place where nothing is, such as a disk that is not mounted, would look like an archive of nothing.
    if (contents.streams.length === 0 && contents.problems.length === 0) {
      throw new Failure(`${store.title} holds no archive, so nothing was verified`);
    }
    const check = new Check({ complete: true, publicKeys: options.publicKeys });
    for (const [name, lines] of options.outside ?? []) for (const line of lines) check.checkpoint(name, line);
    return await new ArchiveCheck(contents, check, options).run(listStreams(directory));
  });
}

/** One stream, and where parts of it are. */
interface Whereabouts {
  readonly streamId: string;
  readonly startedAt: string;
  readonly archived: ArchivedStream | undefined;
  readonly local: StreamEntry | undefined;
}

class ArchiveCheck {
  readonly #contents: ArchiveContents;
  readonly #check: Check;
  readonly #onProgress: ArchiveCheckOptions['onProgress'];
  #done = 0;
  #all = 0;

  constructor(contents: ArchiveContents, check: Check, { onProgress }: ArchiveCheckOptions) {
    this.#contents = contents;
    this.#check = check;
    this.#onProgress = onProgress;
  }

  async run(local: readonly StreamEntry[]): Promise<CheckReport> {
    const { streams, problems } = this.#contents;
    for (const { name, problem } of problems) this.#check.object('the catalogue', `${name} ${problem}`);
    this.#all = streams.reduce((sum, { segments }) => sum + segments.size, 0);
    const all = whereabouts(streams, local);
    for (const { streamId, archived, local } of all) {
      for (const object of archived?.checkpoints ?? []) {
        await this.#object(object, (path) => this.#outside(streamId, path));
      }
      for (const object of archived?.others ?? []) await this.#object(object, () => {});
      if (local) this.#check.checkpoints(local);
    }
    for (const stream of all) await this.#records(stream);
    return this.#check.finish();
  }

  /** A journal may have the same ones, which are a sequence of their own there. */
  #outside(streamId: string, path: string): void {
    for (const { text } of readRawFile(path)) this.#check.checkpoint(`archive of ${streamId}`, text ?? '');
  }

  async #records({ streamId, archived, local }: Whereabouts): Promise<void> {
    const here = new Set(local?.segments);
    const numbers = new Set([...(archived?.segments.keys() ?? []), ...here]);
    for (const segment of [...numbers].sort((a, b) => a - b)) {
      const object = archived?.segments.get(segment);
      if (local && here.has(segment)) this.#check.records(streamId, readRawSegment(local.directory, segment));
      else if (object)
        await this.#object(object, (path) => this.#check.records(streamId, readRawFile(path), object.name));
      if (object) this.#onProgress?.(++this.#done, this.#all);
    }
    this.#check.endOfStream(streamId);
  }

  async #object(object: ArchivedObject, use: (path: string) => void): Promise<void> {
    const problem = await this.#contents.file(object, use);
    if (problem !== undefined) this.#check.object(object.streamId, `${object.name} ${problem}`);
  }
}

/** The newest first, as the verifier asks for: it is they that name the others' ends. */
function whereabouts(archived: readonly ArchivedStream[], local: readonly StreamEntry[]): Whereabouts[] {
  const here = new Map(local.map((entry) => [entry.streamId, entry]));
  const there = new Map(archived.map((stream) => [stream.streamId, stream]));
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((streamId) => {
      const [local, archived] = [here.get(streamId), there.get(streamId)];
      return { streamId, local, archived, startedAt: local?.info?.startedAt ?? archived?.startedAt ?? '' };
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
