import { hash, randomBytes } from 'node:crypto';
import { ArchiveError, type ArchiveStore } from './store.js';

/** The version of what stands in an archive's catalogue. */
const FORMAT_VERSION = 1;
/** By which an archive is known. */
export const CATALOGUE_FOLDER = 'catalogue';

/** An object of an archive, as the catalogue vouches for it. */
export interface ArchivedObject {
  readonly name: string;
  readonly streamId: string;
  readonly kind: 'segment' | 'checkpoints' | 'description';
  readonly bytes: number;
  /** Of the object's bytes, lower-case hex. */
  readonly sha256: string;
  /** Of a segment: its number, and that of its first and last record; absent where it holds none. */
  readonly segment?: number | undefined;
  readonly firstNumber?: number | undefined;
  readonly lastNumber?: number | undefined;
  /** Of a segment: whether the stream ends with it, so that nothing follows. */
  readonly last?: boolean | undefined;
  /** Of checkpoints: SHA-256 of the last line, so that the next run knows where to go on. */
  readonly lastLine?: string | undefined;
}

/** What one run put into an archive. */
interface CataloguePage {
  readonly formatVersion: number;
  readonly archivedAt: string;
  /** The page before, which so can't go unnoticed, and SHA-256 of its bytes. */
  readonly previous?: { readonly name: string; readonly sha256: string } | undefined;
  readonly objects: readonly ArchivedObject[];
}

/** What is wrong with an object of an archive, or with its catalogue. */
export interface ObjectProblem {
  readonly name: string;
  readonly problem: string;
}

/**
 * The list of all that an archive holds. Each run adds a page, and none is ever written again, so that every object of
 * an archive can be locked from its first moment on. What is in the archive and not listed is left over from a run that
 * was killed: the next one looks at it again.
 */
export class Catalogue {
  readonly objects = new Map<string, ArchivedObject>();
  /** Pages that are missing, damaged or not to be understood. */
  readonly problems: ObjectProblem[] = [];
  readonly #store: ArchiveStore;
  #latest: CataloguePage['previous'];

  private constructor(store: ArchiveStore) {
    this.#store = store;
  }

  /** @throws {ArchiveError} when the archive can't be read, or a newer version of this package wrote it. */
  static async read(store: ArchiveStore): Promise<Catalogue> {
    const catalogue = new Catalogue(store);
    const hashes = new Map<string, string>();
    const followed: NonNullable<CataloguePage['previous']>[] = [];
    for (const name of (await store.list(CATALOGUE_FOLDER)).sort()) {
      const content = await store.read(name);
      const page = content && parsePage(content.toString('utf8'), `${store.title} ${name}`);
      if (!content || !page) {
        catalogue.problems.push({ name, problem: 'is not a page of the catalogue' });
        continue;
      }
      const sha256 = hash('sha256', content);
      hashes.set(name, sha256);
      if (page.previous) followed.push(page.previous);
      for (const object of page.objects)
        if (!catalogue.objects.has(object.name)) catalogue.objects.set(object.name, object);
      catalogue.#latest = { name, sha256 };
    }
    for (const { name, sha256 } of followed) {
      if (hashes.get(name) === sha256) continue;
      const problem = hashes.has(name) ? 'was changed: it is not the page that the next one follows' : 'is missing';
      catalogue.problems.push({ name, problem });
    }
    return catalogue;
  }

  /** Adds a page with these objects, and reads it back. @throws {ArchiveError} */
  async add(objects: readonly ArchivedObject[], now = new Date()): Promise<void> {
    const page: CataloguePage = {
      formatVersion: FORMAT_VERSION,
      archivedAt: now.toISOString(),
      previous: this.#latest,
      objects,
    };
    const content = Buffer.from(`${JSON.stringify(page)}\n`);
    // Never before the page that it follows, whatever the clock says.
    const time = now.toISOString().replaceAll(/[-:.]/g, '');
    const after = /[^/]*(?=-)/.exec(this.#latest?.name ?? '')?.[0] ?? '';
    const name = `${CATALOGUE_FOLDER}/${time > after ? time : `${after}0`}-${randomBytes(4).toString('hex')}.json`;
    await this.#store.write(name, content);
    if (!(await this.#store.read(name))?.equals(content)) {
      throw new ArchiveError(`${this.#store.title} ${name} is not what was written there`);
    }
    for (const object of objects) this.objects.set(object.name, object);
    this.#latest = { name, sha256: hash('sha256', content) };
  }
}

function parsePage(text: string, where: string): CataloguePage | undefined {
  let page: Partial<CataloguePage>;
  try {
    page = JSON.parse(text);
  } catch {
    return undefined; // Damaged, which whoever reads it tells.
  }
  if (typeof page !== 'object' || page === null || typeof page.formatVersion !== 'number') return undefined;
  if (page.formatVersion > FORMAT_VERSION) {
    throw new ArchiveError(
      `${where} has format version ${page.formatVersion}, this botaudit knows ${FORMAT_VERSION}: update it`,
    );
  }
  return Array.isArray(page.objects) && page.objects.every(isObject) ? (page as CataloguePage) : undefined;
}

/** Names are paths: none may lead out of the archive. */
function isObject(value: ArchivedObject | null): value is ArchivedObject {
  if (typeof value !== 'object' || value === null || typeof value.name !== 'string') return false;
  const parts = value.name.split('/');
  const isName = parts.length === 3 && parts.every((part) => !/^\.{0,2}$/.test(part) && !part.includes('\0'));
  return (
    isName &&
    parts[0] === 'streams' &&
    parts[1] === value.streamId &&
    ['segment', 'checkpoints', 'description'].includes(value.kind) &&
    typeof value.sha256 === 'string' &&
    [value.segment, value.firstNumber, value.lastNumber].every(
      (each) => each === undefined || Number.isSafeInteger(each),
    ) &&
    (value.kind === 'segment') === (value.segment !== undefined)
  );
}
