import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { Failure } from '../failure.js';

/** How much is gathered before it is written, in UTF-16 units. */
const BATCH = 65_536;

/** What an export came to. */
interface Exported {
  readonly bytes: number;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
}

/** A new file of records, one a line, that its owner alone may read. */
export class ExportFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #digest = createHash('sha256');
  #pending = '';
  #bytes = 0;
  #exported: Exported | undefined;

  /** @throws {Failure} when it is there already, or can't be made. */
  constructor(path: string) {
    this.#path = path;
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    try {
      this.#fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Failure(
        code === 'EEXIST' ? `${path} is there already; name a file that is not` : `${path} cannot be made (${code})`,
      );
    }
  }

  /** @throws {Failure} when it can't be written. */
  add(line: string): void {
    this.#pending += `${line}\n`;
    if (this.#pending.length >= BATCH) this.#flush();
  }

  /** Writes what is left, and sees that it is on the disk. Again: says the same. @throws {Failure} */
  close(): Exported {
    if (this.#exported) return this.#exported;
    try {
      this.#flush();
      fsyncSync(this.#fd);
    } finally {
      closeSync(this.#fd);
    }
    this.#exported = { bytes: this.#bytes, sha256: this.#digest.digest('hex') };
    return this.#exported;
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      throw new Failure(`${this.#path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    this.#digest.update(bytes);
    this.#bytes += bytes.length;
  }
}
