import { statSync } from 'node:fs';

/** Who may read what is put into a stream's folder: the same as may read the folder. */
export function accessOf(streamDirectory: string): { groupRead: boolean } {
  const { mode = 0 } = statSync(streamDirectory, { throwIfNoEntry: false }) ?? {};
  return { groupRead: (mode & 0o040) !== 0 };
}
