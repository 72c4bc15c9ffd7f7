import type { CheckpointFinding } from '../checkpoint/finding.js';

/**
 * What can be wrong with a stream:
 *
 * - `changed`: a record is not the one that the next record, or another stream, was chained to;
 * - `removed`: records are missing, or a whole stream;
 * - `added`: a record stands where the chain has none: after the stream's end, among those of another stream, or a
 *   second one with the same number;
 * - `moved`: a record of the chain stands in another place;
 * - `duplicated`: a record stands twice, or two records share one `audit.record.id`;
 * - `malformed`: a line is not a record in canonical form;
 * - `checkpoint`: a checkpoint is wrong in itself, or in its place;
 * - `unsigned`: records that no checkpoint vouches for, where they are expected to;
 * - `torn`: the last line of a segment was not written to its end;
 * - `not_closed`: the stream has no record that ends it.
 */
export type FindingKind =
  | 'changed'
  | 'removed'
  | 'added'
  | 'moved'
  | 'duplicated'
  | 'malformed'
  | 'checkpoint'
  | 'unsigned'
  | 'torn'
  | 'not_closed';

/** One thing that verification found. */
export interface Finding {
  /** Id of the stream; where no record told it, the name that the source of the line was given. */
  readonly stream: string;
  /** Number of the record, or of the first one; of a line that is no record, the number that it stands in for. */
  readonly number?: number;
  /** Number of the last record, where the finding is of several in a row. */
  readonly lastNumber?: number;
  readonly kind: FindingKind;
  /** What is wrong with the checkpoint, where the finding is about one; its number and member stand beside it. */
  readonly checkpoint?: Omit<CheckpointFinding, 'severity' | 'message'>;
  /**
   * `notice` for what a killed process, or retention that is on record, leaves behind; `error` for what only damage or
   * tampering does.
   */
  readonly severity: 'error' | 'notice';
  /** For a reader. May hold names out of the data: make it harmless before showing it on a terminal. */
  readonly message: string;
}

/** What verification came to. */
export interface Report {
  /** Whether there is no finding that is an error. */
  readonly intact: boolean;
  /**
   * Whether nothing is wrong and checkpoints signed by a key that is trusted vouch for every record; without them whoever
   * may write the journal can compute it anew.
   */
  readonly signed: boolean;
  /** How many records no such checkpoint vouches for: all of them where no key was given. */
  readonly unsigned: number;
  /** How many checkpoints were read. */
  readonly checkpoints: number;
  /** Ids of the keys that checkpoints say they are signed by. */
  readonly keyIds: readonly string[];
  /** Streams of which a record was seen. */
  readonly streams: number;
  /** Lines that are records. */
  readonly records: number;
  /** By stream, in the order in which these came, and by number. */
  readonly findings: readonly Finding[];
  /** Findings beyond those listed, so that a file of nothing but damage does not fill the memory. */
  readonly omitted: number;
}

/** What a {@link Report} counts. */
type Counts = Omit<Report, 'intact' | 'signed' | 'findings' | 'omitted'>;

/** Findings are listed up to this many, and only counted beyond. */
const MAX_FINDINGS = 10_000;

/** Gathers findings. */
export class Findings {
  readonly #list: Finding[] = [];
  /** In which order streams came. */
  readonly #order = new Map<string, number>();
  #errors = 0;
  #omitted = 0;

  add(finding: Finding): void {
    if (finding.severity === 'error') this.#errors++;
    if (this.#list.length >= MAX_FINDINGS) {
      this.#omitted++;
      return;
    }
    this.#list.push(finding);
    if (!this.#order.has(finding.stream)) this.#order.set(finding.stream, this.#order.size);
  }

  report(counts: Counts): Report {
    const place = ({ stream }: Finding) => this.#order.get(stream) ?? 0;
    const number = (finding: Finding) => finding.number ?? Number.MAX_SAFE_INTEGER;
    const findings = this.#list.toSorted((a, b) => place(a) - place(b) || number(a) - number(b));
    const { streams, records, unsigned, checkpoints, keyIds } = counts;
    const intact = this.#errors === 0;
    const signed = intact && records > 0 && unsigned === 0;
    return { intact, signed, streams, records, unsigned, checkpoints, keyIds, findings, omitted: this.#omitted };
  }
}
