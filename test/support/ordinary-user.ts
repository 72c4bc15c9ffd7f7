/** Known to no file of a test. */
const NOBODY = 65_534;

/** Does something as a user for whom the rights of files count, as they do not for root. */
export function asOrdinaryUser<T>(task: () => T): T {
  if (process.getuid?.() !== 0) return task();
  process.seteuid?.(NOBODY);
  try {
    return task();
  } finally {
    process.seteuid?.(0);
  }
}
