import type { EndpointConfig } from '../config/endpoint.js';
import type { ExportError, MetricSink } from '../metrics/table.js';
import type { Verdict } from './answer.js';
import { Backoff, type Pauses } from './backoff.js';
import { StoppedError, type Stopping } from './stopping.js';
import { HttpTransport } from './transport.js';
import type { Wire } from './wire.js';

/** An answer that settles a request: there is nothing to wait for. */
export type Settled = Exclude<Verdict, { kind: 'wait' }>;

/** What an {@link Endpoint} needs around it. */
export interface EndpointContext {
  readonly metrics: MetricSink;
  readonly wire: Wire;
  readonly stopping: Stopping;
  readonly pauses?: Pauses | undefined;
  /** Takes a line for people: what is wrong, or right again. Said once a change, not once a try. */
  readonly say: (message: string) => void;
}

/** The receiver: takes requests until it has answered them, however long that takes. */
export class Endpoint {
  readonly #transport: HttpTransport;
  readonly #address: string;
  readonly #context: EndpointContext;
  readonly #backoff: Backoff;
  #accepted = 0;
  #clockOffsetMs: number | undefined;
  #trouble: ExportError | undefined;

  constructor(config: EndpointConfig, context: EndpointContext) {
    const { origin, pathname } = new URL(config.url);
    this.#address = `${origin}${pathname}`;
    this.#transport = new HttpTransport(config, context.wire);
    this.#context = context;
    this.#backoff = new Backoff(context.pauses);
  }

  /** Grows whenever the receiver has taken a record. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How far this machine's clock is behind the receiver's, in milliseconds; `undefined` when it did not say. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  /**
   * Sends one request until the answer settles it.
   *
   * @throws {StoppedError} when shipping is to end and the receiver doesn't take anything now.
   */
  async post(body: Uint8Array, records: number): Promise<Settled> {
    const { stopping, metrics } = this.#context;
    for (;;) {
      const started = performance.now();
      const { verdict, clockOffsetMs } = await this.#transport.send(body, records, stopping.deadline);
      this.#clockOffsetMs = clockOffsetMs ?? this.#clockOffsetMs;
      if (stopping.deadline.aborted && verdict.kind === 'wait') throw new StoppedError('the deadline has passed');
      metrics.observe('audit_export_duration_seconds', {}, (performance.now() - started) / 1000);
      if (verdict.kind === 'accepted') return this.#took(records, verdict);
      metrics.add('audit_export_errors_total', { reason: verdict.reason });
      if (verdict.kind === 'refused') return this.#refused(verdict);
      // Once the end is near, one try is left; a receiver that named a time is not bothered before it.
      if (stopping.begun) throw new StoppedError(verdict.detail);
      this.#complain(verdict.reason, `${this.#address} does not take records: ${verdict.detail}`);
      await stopping.sleep(verdict.retryAfterMs ?? this.#backoff.next());
      if (stopping.begun && verdict.retryAfterMs !== undefined) throw new StoppedError(verdict.detail);
    }
  }

  /** Waits after refusals in a row, longer each time until a record is taken. */
  async pause(): Promise<void> {
    if (this.#context.stopping.begun) throw new StoppedError('records are refused');
    await this.#context.stopping.sleep(this.#backoff.next());
  }

  close(): void {
    this.#transport.close();
  }

  #took(records: number, verdict: Settled): Settled {
    const { metrics, say } = this.#context;
    this.#accepted += records;
    this.#backoff.reset();
    metrics.set('audit_last_acknowledged_timestamp_seconds', {}, Date.now() / 1000);
    if (this.#trouble !== undefined) say(`${this.#address} takes records again`);
    this.#trouble = undefined;
    return verdict;
  }

  #refused(verdict: Extract<Verdict, { kind: 'refused' }>): Settled {
    this.#complain(verdict.reason, `${this.#address} refuses records: ${verdict.detail}`);
    this.#accepted += verdict.accepted;
    return verdict;
  }

  #complain(reason: ExportError, message: string): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#context.say(message);
  }
}
