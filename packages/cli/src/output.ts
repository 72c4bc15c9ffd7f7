import { styleText } from 'node:util';
import type { Paint } from './text/columns.js';

/** How much is gathered before it is written, in UTF-16 units: a write per line would halve the speed of a scan. */
const BATCH = 32_768;

/**
 * Standard output. A reader that closes its end (`| head`) is no error: from then on nothing more is written, and
 * whoever writes can see that it may stop.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #pending = '';
  #closed = false;
  #error: Error | undefined;
  #onClose: (() => void) | undefined;

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
    // Asked once: the answer is looked up in the environment each time.
    const colours = styleText('bold', 'text', { stream }) !== 'text';
    this.paint = colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.#error ??= error;
      this.#closed = true;
      this.#onClose?.();
    });
  }

  /** Whether nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a person reads: a terminal, not a file or a pipe. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** The terminal's width in cells, or `Infinity` where lines are not to be cut. */
  get width(): number {
    return this.isTerminal && this.#stream.columns > 0 ? this.#stream.columns : Infinity;
  }

  /** Colours where the output shows them: a terminal, unless NO_COLOR or FORCE_COLOR say otherwise. */
  readonly paint: Paint;

  /** Calls `listener` when nobody reads any more. */
  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  /**
   * Adds a line, which must not hold a newline. Await the result where it is a promise: the reader is slower than we.
   *
   * @throws what writing threw earlier, unless the reader just went away.
   */
  line(text: string): Promise<void> | undefined {
    this.#pending += `${text}\n`;
    return this.#pending.length >= BATCH ? this.flush() : undefined;
  }

  /** Writes what was gathered. */
  async flush(): Promise<void> {
    if (this.#error) throw this.#error;
    const text = this.#pending;
    this.#pending = '';
    if (text === '' || this.#closed) return;
    await new Promise<void>((resolve) => {
      // The callback also comes with an error, which the listener above deals with.
      this.#stream.write(text, () => resolve());
    });
    if (this.#error) throw this.#error;
  }
}
