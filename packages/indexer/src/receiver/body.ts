import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { MemoryBudget } from '../memory-budget.js';
import { notOtlp, RefusedError, unavailable } from './refused-error.js';

const unzip = promisify(gunzip);

/** The bytes of a request, and the memory that is taken for them. */
export class Body {
  readonly #budget: MemoryBudget;
  readonly #limit: number;
  #taken = 0;

  /** @param limit bytes that a request may have, also once decompressed. */
  constructor(budget: MemoryBudget, limit: number) {
    this.#budget = budget;
    this.#limit = limit;
  }

  /**
   * Reads a request to its end.
   *
   * @throws {RefusedError} when it is too large, or there is no memory for it now.
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > this.#limit) throw tooLarge(this.#limit);
    this.#take(announced);
    // Of the announced size at once: pieces that are put together at the end would take the memory twice.
    let bytes = Buffer.allocUnsafeSlow(announced);
    let length = 0;
    // The connection is needed for the answer, also where not all is read.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const needed = length + chunk.length;
      if (needed > this.#limit) throw tooLarge(this.#limit);
      if (needed > bytes.length) {
        const more = Math.min(this.#limit, Math.max(needed, bytes.length * 2)) - bytes.length;
        this.#take(more);
        bytes = Buffer.concat([bytes], bytes.length + more);
      }
      chunk.copy(bytes, length);
      length = needed;
    }
    return bytes.subarray(0, length);
  }

  /**
   * Decompresses what was read.
   *
   * @throws {RefusedError} when it is no gzip, has more bytes than a request may have, or there is no memory for it now.
   */
  async unzip(compressed: Buffer): Promise<Buffer> {
    const plain = await unzip(compressed, { maxOutputLength: this.#limit }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(this.#limit);
      throw notOtlp(`the body can't be decompressed: ${error.message}`);
    });
    if (plain.length > this.#taken) this.#take(plain.length - this.#taken);
    return plain;
  }

  /** Gives the memory back, once the bytes are not needed any longer. */
  release(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
  }

  #take(bytes: number): void {
    if (!this.#budget.take(bytes)) throw unavailable('full', 'too many records wait for Elasticsearch');
    this.#taken += bytes;
  }
}

function tooLarge(limit: number): RefusedError {
  return new RefusedError(413, 'too_large', `a request has more than ${limit} bytes`);
}
