import type { MetricSink } from '../metrics/table.js';
import type { Encoder, Piece } from './encoder.js';
import type { Endpoint, Settled } from './endpoint.js';

/** So many refusals in a row, with nothing taken in between, are worth finding out whether anything is taken at all. */
const PATIENCE = 12;

/** One record on its way. */
export interface Parcel {
  readonly line: string;
  readonly piece: Piece;
}

/** Some records of one stream, ready to be sent. */
export interface Batch {
  readonly parcels: readonly Parcel[];
  readonly encoder: Encoder;
}

/** What a {@link Delivery} needs around it. */
export interface DeliveryContext {
  readonly endpoint: Endpoint;
  readonly metrics: MetricSink;
  /** Puts a record aside that is refused for good; resolves once it is safe there. */
  readonly park: (parcel: Parcel, reason: string) => Promise<void>;
  /** A request with another record than those that are refused, or none when there is no other. */
  readonly another: () => Uint8Array | undefined;
}

/**
 * Delivers one batch. What is refused is split in halves until the records at fault stand alone; such a record is put
 * aside only when it was refused alone, then the endpoint took another record, and then refused it alone again. So a
 * proxy that answers 400 to everything costs time and no record.
 */
export class Delivery {
  readonly #batch: Batch;
  readonly #context: DeliveryContext;
  /** For a record that was refused alone: how many the endpoint had taken by then. */
  readonly #refusedAt = new Map<Parcel, number>();
  #refusals = 0;

  constructor(batch: Batch, context: DeliveryContext) {
    this.#batch = batch;
    this.#context = context;
  }

  /**
   * Resolves once each record has been taken or put aside.
   *
   * @param request the whole batch's request, where it has been made already.
   * @throws {StoppedError}
   */
  async complete(request?: Uint8Array): Promise<void> {
    let pending = await this.#pass(this.#batch.parcels, request);
    while (pending.length > 0) {
      if (!pending.some((parcel) => this.#tookAnotherSince(parcel))) await this.#seekAnother();
      pending = await this.#pass(pending);
    }
  }

  /** Sends records in as few requests as it takes; returns those that were refused alone and not put aside. */
  async #pass(parcels: readonly Parcel[], request?: Uint8Array): Promise<Parcel[]> {
    const refused: Parcel[] = [];
    const parts = [parcels];
    for (let part = parts.pop(); part; part = parts.pop()) {
      const verdict = await this.#send(part, part === parcels ? request : undefined);
      if (verdict.kind === 'accepted') continue;
      if (part.length > 1) {
        const half = part.length >> 1;
        parts.push(part.slice(half), part.slice(0, half));
      } else if (this.#tookAnotherSince(part[0] as Parcel)) {
        await this.#context.park(part[0] as Parcel, verdict.detail);
      } else {
        this.#refusedAt.set(part[0] as Parcel, this.#context.endpoint.accepted);
        refused.push(part[0] as Parcel);
      }
      if (this.#refusals >= PATIENCE) await this.#seekAnother();
    }
    return refused;
  }

  async #send(parcels: readonly Parcel[], request?: Uint8Array): Promise<Settled> {
    const body = request ?? this.#batch.encoder.request(parcels.map(({ piece }) => piece));
    const verdict = await this.#context.endpoint.post(body, parcels.length);
    if (verdict.kind === 'accepted') this.#context.metrics.add('audit_records_exported_total', {}, parcels.length);
    this.#refusals = verdict.kind === 'accepted' || verdict.accepted > 0 ? 0 : this.#refusals + 1;
    return verdict;
  }

  #tookAnotherSince(parcel: Parcel): boolean {
    const before = this.#refusedAt.get(parcel);
    return before !== undefined && this.#context.endpoint.accepted > before;
  }

  /** Sends a record from elsewhere, which will be sent again in its turn; waits when that is refused too. */
  async #seekAnother(): Promise<void> {
    const request = this.#context.another();
    const verdict = request && (await this.#context.endpoint.post(request, 1));
    if (verdict?.kind === 'accepted') this.#refusals = 0;
    else await this.#context.endpoint.pause();
  }
}
