import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchiveError, type ArchiveStore } from './store.js';

/** An archive in a folder. Files are its owner's alone (0600, folders 0700). */
export class FolderStore implements ArchiveStore {
  readonly title: string;

  /** @param folder an absolute path; made when something is written there. */
  constructor(folder: string) {
    this.title = folder;
  }

  async list(folder: string): Promise<string[]> {
    const path = join(this.title, folder);
    try {
      const names = await readdir(path);
      return names.filter((name) => !name.endsWith(TEMPORARY)).map((name) => `${folder}/${name}`);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw problem(path, 'read', error);
    }
  }

  async read(name: string): Promise<Buffer | undefined> {
    const path = join(this.title, name);
    try {
      // No link that leads elsewhere, no pipe that would keep the reader waiting.
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        if (!(await file.stat()).isFile()) throw new ArchiveError(`${path} is not a regular file`);
        return await file.readFile();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw problem(path, 'read', error);
    }
  }

  async write(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.title, name);
    const temporary = `${path}.${randomBytes(6).toString('hex')}${TEMPORARY}`;
    try {
      await makeFolder(dirname(path));
      const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        await writeSynced(file, content);
        await rename(temporary, path);
      } catch (error) {
        // What stopped the write may stop this too; the caller hears of the first.
        await unlink(temporary).catch(() => {});
        throw error;
      }
      await syncFolder(dirname(path));
    } catch (error) {
      throw problem(path, 'written', error);
    }
  }
}

const TEMPORARY = '.tmp';

async function writeSynced(file: FileHandle, content: Uint8Array): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new folder is an entry in its parent, which has to be on the disk as well. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function problem(path: string, what: string, error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const code = codeOf(error);
  const why = code === 'ENOSPC' ? 'no space is left there (ENOSPC)' : code;
  return new ArchiveError(`${path} can't be ${what}: ${why}`, { cause: error });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
