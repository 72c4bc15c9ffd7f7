import type { MetricSink } from '../metrics/table.js';
import type { Endpoint, Settled } from './endpoint.js';
import { refusals } from './refusals.js';
import type { EncodedRequest, Encoder } from './wire.js';

/** So many refusals in a row, with nothing taken in between, are worth finding out whether anything is taken at all. */
const PATIENCE = 12;

/** What a {@link Delivery} needs around it. */
export interface DeliveryContext {
  readonly endpoint: Endpoint;
  readonly metrics: MetricSink;
  /** Puts a record aside that is refused for good; resolves once it is safe there. */
  readonly park: (line: string, reason: string) => Promise<void>;
  /** A request with a record that is not in the batch, or none when there is no other. */
  readonly another: () => Uint8Array | undefined;
}

/**
 * Delivers one batch. What is refused is split in halves until the records at fault stand alone; such a record is put
 * aside only when it was refused alone, then the endpoint took another record, and then refused it alone again. So a
 * proxy that answers 400 to everything costs time and no record. Where no other record is due, one is sent that was
 * taken before, or whose turn comes later: it comes twice, under one id.
 */
export class Delivery {
  readonly #encoder: Encoder;
  readonly #context: DeliveryContext;
  /** For a record that was refused alone: how many the endpoint had taken by then. */
  readonly #refusedAt = new Map<string, number>();
  #refusals = 0;
  /** A record of the batch that the endpoint took. */
  #taken: string | undefined;
  #useTaken = true;

  constructor(encoder: Encoder, context: DeliveryContext) {
    this.#encoder = encoder;
    this.#context = context;
  }

  /**
   * Resolves once each record of a request has been taken or put aside.
   *
   * @throws {StoppedError}
   */
  async complete({ body, lines }: Pick<EncodedRequest, 'body' | 'lines'>): Promise<void> {
    let pending = await this.#pass(lines, body);
    while (pending.length > 0) {
      if (!pending.some((line) => this.#tookAnotherSince(line))) await this.#seekAnother();
      pending = await this.#pass(pending);
    }
  }

  /** Sends records in as few requests as it takes; returns those that were refused alone and not put aside. */
  async #pass(lines: readonly string[], body?: Uint8Array): Promise<string[]> {
    const refused: string[] = [];
    const send = (part: readonly string[]) => this.#send(part, part === lines ? body : undefined);
    for await (const { lines: part, verdict } of refusals(lines, send)) {
      const [line = ''] = part;
      if (part.length === 1 && this.#tookAnotherSince(line)) await this.#context.park(line, verdict.detail);
      else if (part.length === 1) {
        this.#refusedAt.set(line, this.#context.endpoint.accepted);
        refused.push(line);
      }
      if (this.#refusals >= PATIENCE) await this.#seekAnother();
    }
    return refused;
  }

  async #send(lines: readonly string[], body = this.#encoder.request(lines).body): Promise<Settled> {
    const verdict = await this.#context.endpoint.post(body, lines.length);
    if (verdict.kind === 'accepted') {
      this.#context.metrics.add('audit_records_exported_total', {}, lines.length);
      this.#taken = lines[0];
    }
    this.#refusals = verdict.kind === 'accepted' || verdict.accepted > 0 ? 0 : this.#refusals + 1;
    return verdict;
  }

  #tookAnotherSince(line: string): boolean {
    const before = this.#refusedAt.get(line);
    return before !== undefined && this.#context.endpoint.accepted > before;
  }

  /** Sends a record that may well be taken; waits when that is refused too. */
  async #seekAnother(): Promise<void> {
    // In turns: what was taken before may be refused from now on, and what was never sent may be as bad.
    const taken = this.#useTaken ? this.#taken : undefined;
    this.#useTaken = !this.#useTaken;
    const request = taken === undefined ? this.#context.another() : this.#encoder.request([taken]).body;
    const verdict = request && (await this.#context.endpoint.post(request, 1));
    if (verdict?.kind !== 'accepted') return this.#context.endpoint.pause();
    this.#refusals = 0;
    this.#useTaken = taken !== undefined;
  }
}
