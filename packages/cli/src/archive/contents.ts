import { hash } from 'node:crypto';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ArchivedObject, Catalogue, type ObjectProblem } from './catalogue.js';
import type { ArchiveStore } from './store.js';

/** A stream as an archive holds it. */
export interface ArchivedStream {
  readonly streamId: string;
  /** When its writer began, ISO 8601; empty where nothing says so. */
  readonly startedAt: string;
  /** By number. */
  readonly segments: ReadonlyMap<number, ArchivedObject>;
  /** In the order in which they were archived. */
  readonly checkpoints: readonly ArchivedObject[];
  /** Whatever else there is of it: its description, and segments that were archived twice. */
  readonly others: readonly ArchivedObject[];
  /** Number of the last record that is in the archive. */
  readonly lastNumber: number;
  /** Whether the archive has all of it. */
  readonly isWhole: boolean;
}

/** What is in an archive, one object at a time on this machine's disk. */
export class ArchiveContents {
  readonly streams: readonly ArchivedStream[];
  readonly problems: readonly ObjectProblem[];
  readonly #store: ArchiveStore;
  readonly #scratch: string;

  private constructor(store: ArchiveStore, scratch: string, catalogue: Catalogue, streams: readonly ArchivedStream[]) {
    this.#store = store;
    this.#scratch = scratch;
    this.streams = streams;
    this.problems = catalogue.problems;
  }

  /**
   * Reads an archive's catalogue, and hands its contents to `use`.
   *
   * @throws {ArchiveError} when the archive can't be read; and what `use` throws.
   */
  static async of<T>(store: ArchiveStore, use: (contents: ArchiveContents) => Promise<T>): Promise<T> {
    const catalogue = await Catalogue.read(store);
    const scratch = await mkdtemp(join(tmpdir(), 'botaudit-archive-'));
    try {
      const streams: ArchivedStream[] = [];
      for (const [streamId, objects] of Map.groupBy(catalogue.objects.values(), ({ streamId }) => streamId)) {
        streams.push(await streamOf(store, streamId, objects));
      }
      return await use(new ArchiveContents(store, scratch, catalogue, streams));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /**
   * Hands the file of an object to `use`, for as long as that takes.
   *
   * @returns what is wrong with it, if anything: `use` is called all the same where it is there.
   */
  async file(object: ArchivedObject, use: (path: string) => void): Promise<string | undefined> {
    const content = await this.#store.read(object.name);
    if (!content) return 'is missing, though the catalogue names it';
    const path = join(this.#scratch, basename(object.name));
    await writeFile(path, content, { mode: 0o600, flag: 'wx' });
    try {
      use(path);
    } finally {
      await unlink(path);
    }
    if (hash('sha256', content) === object.sha256) return undefined;
    const { firstNumber, lastNumber } = object;
    const records = firstNumber === undefined ? '' : `, which held records ${firstNumber} to ${lastNumber}`;
    return `is not what was archived (SHA-256 differs)${records}`;
  }
}

async function streamOf(
  store: ArchiveStore,
  streamId: string,
  objects: readonly ArchivedObject[],
): Promise<ArchivedStream> {
  const description = objects.find(({ kind }) => kind === 'description');
  const segments = new Map<number, ArchivedObject>();
  for (const object of objects) {
    if (object.segment !== undefined && !segments.has(object.segment)) segments.set(object.segment, object);
  }
  const inOrder = new Map([...segments].sort(([a], [b]) => a - b));
  const last = [...inOrder.values()];
  return {
    streamId,
    startedAt: description ? startOf(await store.read(description.name)) : '',
    segments: inOrder,
    checkpoints: objects.filter(({ kind }) => kind === 'checkpoints'),
    others: objects.filter((each) => each === description || (each.segment && segments.get(each.segment) !== each)),
    lastNumber: last.findLast(({ lastNumber }) => lastNumber !== undefined)?.lastNumber ?? 0,
    isWhole: last.at(-1)?.last === true,
  };
}

/** It only says in which order to read: a description that is damaged is told by its hash. */
function startOf(content: Buffer | undefined): string {
  try {
    const { startedAt } = JSON.parse(content?.toString('utf8') ?? '') as { startedAt?: unknown };
    return typeof startedAt === 'string' ? startedAt : '';
  } catch {
    return '';
  }
}
