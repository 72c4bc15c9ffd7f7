import type { CheckFinding } from '../journal/check.js';

/**
 * What can be wrong at a sink, beside what verification of the records finds:
 *
 * - `document`: a document is not what its id says, or stands twice, or is missing with all of its index;
 * - `principal`: a record came in the name of somebody else than whose credential it came with, or than its stream;
 * - `ingest`: when it came does not fit when it was made;
 * - `rejected`: a record stands with those that Elasticsearch refused;
 * - `missing`: a record of the journal is not at the sink;
 * - `differs`: a record is another one than in the journal;
 * - `surplus`: a record, or a stream, of the sink is not in the journal;
 * - `in_flight`: records are not there yet, and may be on their way.
 */
export type SinkFindingKind =
  | 'document'
  | 'principal'
  | 'ingest'
  | 'rejected'
  | 'missing'
  | 'differs'
  | 'surplus'
  | 'in_flight';

/** What is found of one record, or of several in a row. */
export interface SinkFinding {
  readonly kind: SinkFindingKind;
  readonly severity: CheckFinding['severity'];
  /** Behind `record 5: ` or `records 5 to 9: `. */
  readonly what: string;
}

/** Findings are listed up to this many, and only counted beyond. */
const MAX_FINDINGS = 10_000;

/** Findings that may go on with the next record, so many at a time. */
const MAX_RUNS = 64;

/** Gathers what is found at a sink. */
export class SinkFindings {
  readonly list: CheckFinding[] = [];
  /** Findings beyond those listed. */
  omitted = 0;
  /** Errors, listed or not. */
  errors = 0;

  add(finding: CheckFinding): void {
    if (finding.severity === 'error') this.errors++;
    if (this.list.length < MAX_FINDINGS) this.list.push(finding);
    else this.omitted++;
  }
}

interface Run {
  readonly finding: SinkFinding;
  readonly from: number;
  to: number;
}

/** Findings about the records of one stream: what is true of several in a row is told once. */
export class StreamFindings {
  readonly #stream: string;
  readonly #findings: SinkFindings;
  readonly #runs = new Map<string, Run>();

  constructor(stream: string, findings: SinkFindings) {
    this.#stream = stream;
    this.#findings = findings;
  }

  /** @param to the last record, where it is about several. */
  add(number: number, finding: SinkFinding, to = number): void {
    const key = `${finding.kind} ${finding.severity} ${finding.what}`;
    const run = this.#runs.get(key);
    if (run && run.to === number - 1) run.to = to;
    else {
      if (run) this.#tell(run);
      else if (this.#runs.size >= MAX_RUNS) this.end();
      this.#runs.set(key, { finding, from: number, to });
    }
  }

  /** Nothing goes on with what was found so far. */
  end(): void {
    for (const run of this.#runs.values()) this.#tell(run);
    this.#runs.clear();
  }

  #tell({ finding: { kind, severity, what }, from, to }: Run): void {
    const range = to > from ? `records ${from} to ${to}` : `record ${from}`;
    this.#findings.add({
      stream: this.#stream,
      number: from,
      ...(to > from && { lastNumber: to }),
      kind,
      severity,
      message: `${range}: ${what}`,
    });
  }
}
