/** What was planted, and where it came out: one for each test file, whatever copy of this module plants it. */
interface Watch {
  readonly planted: Map<string, string>;
  readonly leaks: string[];
  /** Bytes that were looked through for at least one planted secret. */
  bytes: number;
  files: number;
}

const KEY = Symbol.for('botaudit.test.planted');

function watch(): Watch {
  const holder = globalThis as { [KEY]?: Watch };
  holder[KEY] ??= { planted: new Map(), leaks: [], bytes: 0, files: 0 };
  return holder[KEY];
}

/** Shorter ones would be found in what is none. */
const MIN_LENGTH = 12;
const CONTEXT = 60;

/**
 * Says that `secret` must not be in any byte that auditing produces while this file's tests run.
 *
 * @param kind what it is, for who reads of a leak.
 * @returns the secret.
 */
export function plant(kind: string, secret: string): string {
  if (secret.length >= MIN_LENGTH) {
    const { planted } = watch();
    planted.set(secret, kind);
    planted.set(encodeURIComponent(secret), kind);
  }
  return secret;
}

/** Whether there is anything to look for. */
export function isAnythingPlanted(): boolean {
  return watch().planted.size > 0;
}

/** Looks through what was produced; what is found is told when the tests of the file have ended. */
export function look(where: string, bytes: Buffer | string): void {
  const { planted, leaks } = watch();
  if (planted.size === 0) return;
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  watch().bytes += text.length;
  watch().files += 1;
  for (const [secret, kind] of planted) {
    const index = text.indexOf(secret);
    if (index < 0) continue;
    const around = text.slice(Math.max(index - CONTEXT, 0), index + secret.length + CONTEXT);
    leaks.push(`${where}: ${kind}: ${JSON.stringify(around.replaceAll(secret, `<${kind}>`))}`);
  }
}

/** What was looked for and through so far. Starts anew. */
export function taken(): { readonly planted: number; readonly files: number; readonly bytes: number; leaks: string[] } {
  const { planted, leaks, bytes, files } = watch();
  delete (globalThis as { [KEY]?: Watch })[KEY];
  return { planted: planted.size, files, bytes, leaks: [...new Set(leaks)] };
}
