import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { MemoryBudget } from '../memory-budget.js';
import { notOtlp, RefusedError, unavailable } from './refused-error.js';

const unzip = promisify(gunzip);

/** How many times its size a gzip of records has once decompressed, at most as a rule. */
const UNZIPPED_TIMES = 20;
/** What is taken to begin with where the size of a request is not announced. */
const UNANNOUNCED_BYTES = 1024 * 1024;

/** The bytes of a request, and the memory that is taken for them. */
export class Body {
  readonly #request: IncomingMessage;
  readonly #budget: MemoryBudget;
  readonly #limit: number;
  #taken = 0;

  /** @param limit bytes that a request may have, also once decompressed. */
  constructor(request: IncomingMessage, budget: MemoryBudget, limit: number) {
    this.#request = request;
    this.#budget = budget;
    this.#limit = limit;
  }

  get #isGzip(): boolean {
    return this.#request.headers['content-encoding'] === 'gzip';
  }

  /**
   * Waits for memory. Until there is some, nothing is read, and the sender's connection is full.
   *
   * @param principal whose request it is; each has its turn.
   * @throws {RefusedError} when it is too large, or there is no memory for it before `signal` is aborted.
   */
  async admit(principal: string, signal: AbortSignal): Promise<void> {
    const announced = this.#request.headers['content-length'];
    if (Number(announced ?? 0) > this.#limit) throw tooLarge(this.#limit);
    const bytes = announced === undefined ? UNANNOUNCED_BYTES : Number(announced) * (this.#isGzip ? UNZIPPED_TIMES : 1);
    const wanted = Math.min(bytes, this.#limit);
    if (!(await this.#budget.reserve(wanted, principal, signal))) throw full();
    this.#taken = wanted;
  }

  /**
   * Reads a request to its end, once it is admitted.
   *
   * @throws {RefusedError} when it is too large, or has more than there is memory for now.
   */
  async read(): Promise<Buffer> {
    // Of the announced size at once: pieces that are put together at the end would take the memory twice.
    let bytes = Buffer.allocUnsafeSlow(Number(this.#request.headers['content-length'] ?? 0));
    let length = 0;
    // The connection is needed for the answer, also where not all is read.
    for await (const chunk of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const needed = length + chunk.length;
      if (needed > this.#limit) throw tooLarge(this.#limit);
      if (needed > bytes.length) {
        const size = Math.min(this.#limit, Math.max(needed, bytes.length * 2));
        this.#need(size);
        bytes = Buffer.concat([bytes], size);
      }
      chunk.copy(bytes, length);
      length = needed;
    }
    return bytes.subarray(0, length);
  }

  /**
   * What the request holds: decompressed, where it came compressed.
   *
   * @throws {RefusedError} when it is no gzip, has more bytes than a request may have, or there is no memory for it now.
   */
  async plain(bytes: Buffer): Promise<Buffer> {
    if (!this.#isGzip) return bytes;
    const plain = await unzip(bytes, { maxOutputLength: this.#limit }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(this.#limit);
      throw notOtlp(`the body can't be decompressed: ${error.message}`);
    });
    this.#need(plain.length);
    // What was taken and is not needed, others wait for.
    const more = this.#taken - plain.length;
    this.#taken -= more;
    this.#budget.give(more);
    return plain;
  }

  /** Gives the memory back, once the bytes are not needed any longer. */
  release(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
  }

  /** Sees to it that memory for `bytes` is taken. */
  #need(bytes: number): void {
    if (bytes <= this.#taken) return;
    // Who holds memory does not wait for more of it: two that did would wait for each other.
    if (!this.#budget.take(bytes - this.#taken)) throw full();
    this.#taken = bytes;
  }
}

function full(): RefusedError {
  return unavailable('full', 'too many records wait for Elasticsearch');
}

function tooLarge(limit: number): RefusedError {
  return new RefusedError(413, 'too_large', `a request has more than ${limit} bytes`);
}
