/** The preload flag's value, as a package, a path or a URL. */
const PRELOAD = /@botaudit[\\/]auto[\\/](dist[\\/])?register(\.js)?$|[\\/]auto[\\/]dist[\\/]register\.js$/;

/**
 * Options of Node for a process or thread that a framework starts with options of its own, where Node itself would hand
 * on those of this one: with the preload flag as this process has it.
 *
 * @returns `undefined` where it has none, they hold one anyway, or they are no list.
 */
export function withPreloadFlag(given: unknown): string[] | undefined {
  const own = process.execArgv;
  const at = own.findIndex((flag) => PRELOAD.test(flag));
  if (at < 0 || !Array.isArray(given) || given.some((flag) => PRELOAD.test(String(flag)))) return undefined;
  const [flag = '', before = '--import'] = [own[at], own[at - 1]];
  return [...(flag.startsWith('--import=') ? [flag] : [before, flag]), ...given];
}
