import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canMount, isRoot, succeeds } from './child.js';
import { afterwards, temporaryFolder } from './sample.js';

const IMAGE_BYTES = 64 * 1024 * 1024;

/**
 * A disk of its own: ext4 on an image that stands in memory. What the file system gave to the disk is in the image, what
 * it only holds in its cache is not, so a copy of the image is the disk as the loss of power leaves it.
 */
export class ImageDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string;

  private constructor(path: string, image: string) {
    this.path = path;
    this.#image = image;
  }

  /**
   * Makes and mounts a disk, until the test is over.
   *
   * @param capacity what the disk really takes, bytes: whoever writes more than this learns so when it is synced.
   * @returns `undefined` where mounting is not allowed.
   */
  static mount(capacity = IMAGE_BYTES): ImageDisk | undefined {
    if (!isRoot) return undefined;
    const memory = temporaryFolder();
    if (!mounts(['-t', 'tmpfs', '-o', `size=${capacity}`, 'tmpfs', memory], memory)) return undefined;
    const image = join(memory, 'image');
    writeFileSync(image, '');
    truncateSync(image, IMAGE_BYTES);
    // Without a journal of its own, which would make it read-only at the first error.
    if (!succeeds('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', image])) return undefined;
    const path = temporaryFolder();
    return mounts(['-o', 'loop', image, path], path) ? new ImageDisk(path, image) : undefined;
  }

  /** The disk as it would be if power were lost now; mounted at the folder that is returned. */
  afterPowerLoss(): string {
    const memory = temporaryFolder();
    const image = join(memory, 'image');
    copyFileSync(this.#image, image);
    // What a machine does when it starts after such an end.
    succeeds('fsck.ext4', ['-p', '-f', image]);
    const path = join(memory, 'disk');
    mkdirSync(path);
    if (!mounts(['-o', 'loop', image, path], path)) throw new Error('the copy of the disk cannot be mounted');
    return path;
  }
}

function mounts(args: readonly string[], path: string): boolean {
  if (!succeeds('mount', args)) return false;
  afterwards(() => succeeds('umount', ['-l', path]));
  return true;
}

/** Whether disks can be made here. */
export const canMakeDisks = canMount && succeeds('losetup', ['-f']);
