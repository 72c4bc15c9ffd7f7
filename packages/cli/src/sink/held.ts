/** A record as a sink holds it, and what the sink says of it. */
export interface Held {
  /** Its canonical form; absent where what the sink holds is no record. */
  readonly line?: string | undefined;
  /** Why there is none. */
  readonly reason?: string | undefined;
  /** Where it is, for the findings. */
  readonly place: string;
  /** When it was observed, by the clock of its maker: ms since the epoch. */
  readonly observedMs?: number | undefined;
  /** When it came, by the clock of the indexer: ms since the epoch. Absent where the sink does not say. */
  readonly arrivedMs?: number | undefined;
  /** The document that it is in, where the sink is Elasticsearch. */
  readonly document?: { readonly id: string; readonly index: string } | undefined;
  readonly origin?: Origin | undefined;
}

/** Whose record it is, as the sink says, outside of what the record's hash covers. */
export interface Origin {
  /** Whose credential it came with. Absent where the sink does not say. */
  readonly principal?: string | undefined;
  /** `service.name` of the resource. */
  readonly service?: string | undefined;
  /** `host.name` of the resource. */
  readonly host?: string | undefined;
}
