import { type BigIntStats, stat, statSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';

/** Tells one content of a file from another, as far as that can be without reading it. */
export type FileState = string;

const ABSENT: FileState = 'absent';

/** A pipe, a device, a folder: to be read once at the most, and no change of it says anything. */
export const IRREGULAR: FileState = 'irregular';

/** How long a file has to stay as it is before it is read: whoever writes in place may not be done. */
const SETTLED_MS = 200;

/** What `path` leads to now. Links are followed, so that one which is set to another file changes the state. Never throws. */
export function fileState(path: string): FileState {
  try {
    return stateOf(statSync(path, { bigint: true }));
  } catch (error) {
    return failedState(error);
  }
}

/** What to watch, and from when on. */
export interface FileWatchOptions {
  readonly path: string;
  /** The state before the file was last read: what changed since is told too. */
  readonly known: FileState;
  readonly intervalMs: number;
  /** The file has changed and stayed so for a moment; or is gone, or can't be looked at any more. Must not throw. */
  readonly onChange: () => void;
}

/**
 * Watches a file by looking at it again and again. The kernel's notices (`fs.watch`) are no use here: they are about the
 * very file, so that nothing is heard after an editor has put another in its place or Kubernetes has turned the link
 * `..data` of a ConfigMap; and a change by another machine on a network file system gives none. Looking finds all of
 * them. It is asynchronous, one look at a time, so that a file system that hangs costs one thread of the pool and no time
 * of the bot; and its timer does not keep the process alive.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  #known: FileState;
  /** A state that was seen once. */
  #unsettled: FileState | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#known = options.known;
    this.#lookIn(options.intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      stat(this.#options.path, { bigint: true }, (error, stats) =>
        this.#saw(error ? failedState(error) : stateOf(stats)),
      );
    }, ms).unref();
  }

  #saw(state: FileState): void {
    if (this.#stopped) return;
    const { intervalMs, onChange } = this.#options;
    const isChanged = state !== this.#known;
    const isSettled = state === this.#unsettled;
    this.#unsettled = isChanged && !isSettled ? state : undefined;
    if (isChanged && isSettled) {
      this.#known = state;
      onChange();
    }
    this.#lookIn(this.#unsettled === undefined ? intervalMs : Math.min(SETTLED_MS, intervalMs));
  }
}

function stateOf(stats: BigIntStats): FileState {
  if (!stats.isFile()) return IRREGULAR;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function failedState(error: unknown): FileState {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' ? ABSENT : `failed: ${code}`;
}
