import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ElasticsearchAccess,
  HOW_TO_GET_IN,
  HOW_TO_TRUST,
  isDistrust,
  type RawAnswer,
  TooLargeError,
} from '../elasticsearch/access.js';
import { Failure } from '../failure.js';

/** Of one answer: those of large documents are asked for in smaller portions. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Of one request. */
export const TIMEOUT_MS = 60_000;

/** How long is waited before a request is sent again. */
const PAUSES_MS = [500, 1_500];
const TRANSIENT = new Set([429, 502, 503, 504]);

/** Asks Elasticsearch, again where that may help, and says what it did not do. */
export class Asking {
  readonly #access: ElasticsearchAccess;
  readonly #pattern: string;
  readonly #signal: AbortSignal | undefined;

  constructor(access: ElasticsearchAccess, pattern: string, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#pattern = pattern;
    this.#signal = signal;
  }

  /** The answer; `undefined` where there is no such thing. */
  async ask(
    method: string,
    path: string,
    body?: object,
    maxBytes = MAX_ANSWER_BYTES,
  ): Promise<Record<string, unknown> | undefined> {
    const text = body === undefined ? '' : JSON.stringify(body);
    for (let attempt = 0; ; attempt++) {
      const pause = PAUSES_MS[attempt];
      const answer = await this.#send(method, path, text, maxBytes).catch((error: NodeJS.ErrnoException) => {
        if (error instanceof TooLargeError || this.#signal?.aborted) throw error;
        if (pause === undefined || error.name === 'TimeoutError') throw this.#unreachable(error);
        return undefined;
      });
      if (answer && !(TRANSIENT.has(answer.status) && pause !== undefined)) return this.#judge(answer);
      await sleep(pause, undefined, { signal: this.#signal });
    }
  }

  failure(what: string): Failure {
    return new Failure(`nothing was verified: Elasticsearch, asked for ${this.#pattern}, ${what}`);
  }

  async #send(method: string, path: string, body: string, maxBytes: number): Promise<RawAnswer> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout;
    try {
      return await this.#access.send(method, path, { body, maxBytes, signal });
    } catch (error) {
      // The request says only that it was aborted.
      throw timeout.aborted && !(error instanceof TooLargeError) ? timeout.reason : error;
    }
  }

  #judge({ status, body }: RawAnswer): Record<string, unknown> | undefined {
    const json = parsed(body);
    if (status === 404 && typeof json?.error === 'object') return undefined;
    if (status === 401 || status === 403) {
      throw this.failure(
        `refuses (HTTP ${status}): give it the key or the user of an auditor, who may read that: ${HOW_TO_GET_IN}`,
      );
    }
    if (status === 200 && json) return json;
    const { type, reason } = (json?.error ?? {}) as { readonly type?: unknown; readonly reason?: unknown };
    if (typeof type !== 'string') {
      throw this.failure(`answered HTTP ${status}, and not as Elasticsearch does: is that its address?`);
    }
    throw this.failure(`answered HTTP ${status}: ${type}: ${String(reason).slice(0, 300)}`);
  }

  #unreachable({ name, code, message }: NodeJS.ErrnoException): Failure {
    if (name === 'TimeoutError') return this.failure(`did not answer within ${TIMEOUT_MS / 1000} s`);
    const what = code ?? message;
    return this.failure(`can't be asked: ${what}${isDistrust(what) ? `; ${HOW_TO_TRUST}, or with --ca` : ''}`);
  }
}

/** @throws {Failure} when an answer is not of all shards. */
export function requireAllShards(asking: Asking, shards: unknown): void {
  const { total, successful, failed } = (shards ?? {}) as Readonly<Record<'total' | 'successful' | 'failed', unknown>>;
  if (typeof total === 'number' && total === successful && failed === 0) return;
  throw asking.failure(`answered for ${successful} of ${total} shards`);
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    // A page of something else.
    return undefined;
  }
}
