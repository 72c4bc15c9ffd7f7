/*
 * Every call that the journal makes of the file system, in one place: tests put a simulated disk here, which loses what
 * was not synced, and fails where they want it to. Nothing stands in between: these are Node's own functions.
 */
export type { Stats } from 'node:fs';
export {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
