/** The data streams that records are written to. */
export interface StreamNames {
  /** Where records are. */
  readonly records: string;
  /** Where records are that the first one refused, with the reason. */
  readonly rejected: string;
}

/** Dataset of the records, as `data_stream.dataset` has it. */
export const RECORDS_DATASET = 'audit.otel';

/** Dataset of what was refused. */
export const REJECTED_DATASET = 'audit.rejected';

/** The names in a namespace: `logs-audit.otel-<namespace>` and `logs-audit.rejected-<namespace>`. */
export function streamNames(namespace: string): StreamNames {
  return { records: `logs-${RECORDS_DATASET}-${namespace}`, rejected: `logs-${REJECTED_DATASET}-${namespace}` };
}
