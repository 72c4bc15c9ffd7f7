import { Interrupted } from './part.ts';

const QUIET_INTERVAL_MS = 30_000;

/** Seconds as a reader likes them: `42 s`, `10 min 49 s`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * What goes on, with the time it has taken so far: one line that is rewritten each second on a terminal, and a line
 * each 30 s elsewhere, so that a log of CI shows that something moves.
 */
export class Progress {
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#out.write(`${line}\n`);
  }

  /**
   * Runs `work` under a title. `work` may tell how far it is; its latest word is shown.
   *
   * @returns what `work` returns; rejects as it does.
   */
  async step<T>(title: string, work: (tell: (detail: string) => void) => Promise<T>): Promise<T> {
    const started = performance.now();
    let detail = '';
    const line = () => `  ${title} … ${duration(performance.now() - started)}${detail && `, ${detail}`}`;
    const { isTTY, columns } = this.#out;
    const show = () => this.#out.write(isTTY ? `\r\x1b[2K${line().slice(0, (columns || 80) - 1)}` : `${line()}\n`);
    if (isTTY) show();
    const timer = setInterval(show, isTTY ? 1000 : QUIET_INTERVAL_MS);
    try {
      const result = await work((word) => {
        detail = word;
      });
      this.#end(`  ${title}: ${duration(performance.now() - started)}`);
      return result;
    } catch (error) {
      const how = error instanceof Interrupted ? 'interrupted' : 'failed';
      this.#end(`  ${title}: ${how} after ${duration(performance.now() - started)}`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #end(line: string): void {
    this.#out.write(`${this.#out.isTTY ? '\r\x1b[2K' : ''}${line}\n`);
  }
}
