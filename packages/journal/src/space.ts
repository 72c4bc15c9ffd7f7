import { statfsSync } from './file-system.js';

/** How much room a journal's folder may take. */
export interface JournalLimits {
  /** Bytes that all streams of the folder may take together. Default 1 GiB. */
  readonly maxBytes: number;
  /**
   * What is to stay free on the file system: bytes, or below 1 a fraction of its size, at most 4 GiB. Default 0.1.
   * Below it the journal keeps no more than `floorBytes`; it never grows past what is really free.
   */
  readonly minFreeBytes: number;
  /**
   * What the journal may take even where less than `minFreeBytes` is free, since a disk filled by others is no reason to
   * stop auditing. Default 64 MiB, never more than `maxBytes`.
   */
  readonly floorBytes?: number | undefined;
}

export const DEFAULT_LIMITS: JournalLimits = { maxBytes: 1024 ** 3, minFreeBytes: 0.1 };

const DEFAULT_FLOOR_BYTES = 64 * 1024 * 1024;

/** A tenth of a large disk is more than a journal of 1 GiB has to leave; journald draws the line at 4 GiB as well. */
const MAX_FRACTION_BYTES = 4 * 1024 ** 3;

/** Room on a file system. */
export interface Space {
  /** Bytes that are free for this user. */
  readonly freeBytes: number;
  /** Bytes that are to stay free: `minFreeBytes`, resolved. */
  readonly minFreeBytes: number;
}

/** Asks the file system of `path` for its room. Throws what the file system throws. */
export function spaceOf(path: string, { minFreeBytes }: JournalLimits): Space {
  const { bavail, blocks, bsize } = statfsSync(path);
  return {
    freeBytes: bavail * bsize,
    minFreeBytes: minFreeBytes < 1 ? Math.min(minFreeBytes * blocks * bsize, MAX_FRACTION_BYTES) : minFreeBytes,
  };
}

/** The bytes that a journal which takes `usedBytes` now may take, given what is free. */
export function allowedBytes(usedBytes: number, space: Space, limits: JournalLimits): number {
  const missing = space.minFreeBytes - space.freeBytes;
  if (missing <= 0) return limits.maxBytes;
  const floor = Math.min(limits.floorBytes ?? DEFAULT_FLOOR_BYTES, limits.maxBytes);
  return Math.min(limits.maxBytes, Math.max(floor, usedBytes - missing));
}

/** Numbers by which Linux tells file systems apart (statfs(2)): those whose server can be gone. */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x517b, // SMB
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x0bd00bd0, // Lustre
  0x01021997, // 9p
]);

/**
 * Whether `path` lies on a network file system, where a write can hang: a reason for durability `memory`. Linux only;
 * elsewhere, and for file systems in user space (FUSE), the answer is `false`. Never throws.
 */
export function isNetworkFileSystem(path: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return NETWORK_FILE_SYSTEMS.has(statfsSync(path).type >>> 0);
  } catch {
    // A path that can't be asked about shows when it is written to.
    return false;
  }
}
