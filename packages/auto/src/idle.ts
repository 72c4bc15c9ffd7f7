import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** Under this name a process's threads share whether one of them audits something. */
const SHARED = 'botaudit.audits';

let flag: Int32Array | undefined;

function sharedFlag(): Int32Array {
  if (flag) return flag;
  const given = getEnvironmentData(SHARED);
  const memory = given instanceof SharedArrayBuffer ? given : new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  // Threads that this one starts are given it.
  if (memory !== given) setEnvironmentData(SHARED, memory);
  flag = new Int32Array(memory);
  return flag;
}

/** A thread of this process audits something. */
export function noteAudit(): void {
  Atomics.store(sharedFlag(), 0, 1);
}

/**
 * Calls `tell` after a while, unless a thread of this process audits something by then. Only in the main thread;
 * keeps no process alive.
 */
export function whenIdle(afterMs: number, tell: () => void): void {
  if (!isMainThread) return;
  const found = sharedFlag();
  setTimeout(() => {
    if (Atomics.load(found, 0) === 0) tell();
  }, afterMs).unref();
}
