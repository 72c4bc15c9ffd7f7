import { dirname, join } from 'node:path';
import { errorCode } from './errors.js';
import { closeSync, constants, fstatSync, fsyncSync, openSync } from './file-system.js';
import { STREAM_INFO_FILE } from './layout.js';

/** What says that a folder can't be synced here, or not by us, or is gone: no failure of the disk. */
const NO_FAILURE: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM', 'EBADF', 'ENOENT', 'ENOTDIR']);

/**
 * The entries by which a stream's segments are found again after the loss of power: to sync a file does not sync the
 * folder that names it.
 */
export class SyncedEntries {
  /** The stream's folder whose own entry, and those of the folders above it, are on the disk. */
  #known: string | undefined;

  /**
   * Syncs the entry of a new segment, and with the first all that leads to it, and the stream's description.
   *
   * @throws what the file system throws where the disk fails.
   */
  sync(segmentPath: string): void {
    const folder = dirname(segmentPath);
    if (this.#known === folder) {
      syncPath(folder);
      return;
    }
    syncPath(join(folder, STREAM_INFO_FILE));
    const device = syncPath(folder);
    // Which of the folders above are new is not known here; one that is not costs next to nothing.
    for (let child = folder, parent = dirname(child); parent !== child; child = parent, parent = dirname(child)) {
      if (syncPath(parent, device) !== device) break;
    }
    this.#known = folder;
  }
}

/**
 * Syncs a file or folder.
 *
 * @param device where it has to be; what is mounted elsewhere was there before.
 * @returns the device that it is on; `undefined` where there is nothing that could be synced.
 */
export function syncPath(path: string, device?: number): number | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { dev } = fstatSync(fd);
    if (device === undefined || dev === device) fsyncSync(fd);
    return dev;
  } catch (error) {
    if (NO_FAILURE.has(errorCode(error))) return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
