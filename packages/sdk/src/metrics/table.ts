/** What is known of a metric without its values. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry writes units: `s`, `By`, `{record}`. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** One line for a reader. */
  readonly help: string;
  /** How the values of several processes become one. */
  readonly aggregator: 'sum' | 'max';
  /** Upper bounds of a histogram's buckets, ascending; the last one, infinity, is implied. */
  readonly buckets?: readonly number[];
  /** Series that are there from the start, at 0, because alerts look at how they grow. */
  readonly initial?: readonly Readonly<Record<string, string>>[];
}

/** Why an export failed, in `audit_export_errors_total`. */
export const EXPORT_ERRORS = {
  network: 'no connection, or it broke',
  timeout: 'no whole answer in time',
  tls: 'the certificate of either side was refused',
  not_sent: 'the request could not be made: an unreadable key file, an impossible header',
  throttled: '429',
  unavailable: '408 and 5xx',
  unauthorized: '401, 403 and 407',
  wrong_endpoint: '404, 405, 415 and what else says that the request went to the wrong place',
  redirected: '3xx',
  not_otlp: 'an answer that is not OTLP',
  refused: '400, 413 and 422',
  partial_success: 'some records of a request were rejected',
  rejected_file: 'a refused record could not be put aside',
} as const;

/** Why an export failed. */
export type ExportError = keyof typeof EXPORT_ERRORS;

/** Why records are lost, in `audit_records_dropped_total`: the operating system's codes, and some of ours. */
export const LOSSES = {
  ENOSPC: 'the disk is full, or less is free than must stay free',
  EDQUOT: 'a quota, or the limit of the journal, is reached and nothing may go',
  EIO: 'the disk fails',
  EROFS: 'the file system is read-only',
  EACCES: 'no rights',
  ENOENT: 'the folder was removed',
  ENOBUFS: 'the disk does not keep up with durability memory, or the ring in memory went round',
  ECLOSED: 'the stream is closed: the process ends',
  EINVAL: 'the event could not be made a record',
} as const;

/** Why records could not be synced, in `audit_records_unsynced_total`: the operating system's codes, and one of ours. */
const SYNC_ERRORS = {
  EIO: 'the disk fails',
  ENOSPC: 'the disk has no room for what it had taken',
  EDQUOT: 'a quota is reached',
  ERR_SYNC_THREAD: 'the thread that syncs can not be started, or failed; it is started anew',
} as const;

const WITHOUT_LABELS = [{}];

/**
 * Every metric. Both adapters, the reference page, dashboards and alerts derive from this table. No label holds the id
 * of a person; a metric has at most 500 label sets, what comes after them is counted as `other`.
 */
export const METRICS = {
  audit_events_total: {
    type: 'counter',
    unit: '{event}',
    labels: ['bot_id', 'framework', 'event', 'action', 'outcome'],
    help: 'Events that bots and applications report; not counted are attempts, and what auditing itself notes: of its streams, of a signal, of a crash. An event that is not in the catalogue is "other".',
    aggregator: 'sum',
  },
  audit_records_emitted_total: {
    type: 'counter',
    unit: '{record}',
    labels: [],
    help: 'Records appended to the journal, checkpoints among them.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_records_exported_total: {
    type: 'counter',
    unit: '{record}',
    labels: [],
    help: 'Records that the endpoint acknowledged.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_records_rejected_total: {
    type: 'counter',
    unit: '{record}',
    labels: [],
    help: 'Records that the endpoint refused for good; they are in rejected.ndjson.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_records_dropped_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['reason'],
    help: 'Records that were lost.',
    aggregator: 'sum',
    initial: Object.keys(LOSSES).map((reason) => ({ reason })),
  },
  audit_records_unsynced_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['reason'],
    help: 'Records that were written and could not be synced to the disk (durability power): whether they survive the loss of power is not known.',
    aggregator: 'sum',
    initial: Object.keys(SYNC_ERRORS).map((reason) => ({ reason })),
  },
  audit_events_left_out_total: {
    type: 'counter',
    unit: '{event}',
    labels: ['framework', 'event'],
    help: 'Events that the policy leaves out, by level none or written never. An event that is not in the catalogue is "other".',
    aggregator: 'sum',
  },
  audit_policy_reloads_total: {
    type: 'counter',
    unit: '{reload}',
    labels: ['result'],
    help: 'Changes of the configuration file that were read: loaded, its policy took effect, or says the same; invalid, the file is wrong, and the policy from before stays in force.',
    aggregator: 'sum',
    initial: [{ result: 'loaded' }, { result: 'invalid' }],
  },
  audit_config_invalid: {
    type: 'gauge',
    unit: '{stream}',
    labels: [],
    help: 'Streams whose configuration file is wrong: the policy from before stays in force or, since the start, what is safe.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_actions_refused_total: {
    type: 'counter',
    unit: '{event}',
    labels: ['framework', 'event', 'reason'],
    help: 'What fails closed and was kept from happening, since it could not be recorded, or was to happen once and nobody could tell whether it had. An update that is held until it can be counts with each try.',
    aggregator: 'sum',
  },
  audit_duplicates_total: {
    type: 'counter',
    unit: '{event}',
    labels: ['framework', 'event', 'kind'],
    help: 'What happened once more, or was to. By kind: update, a platform delivered it again; action, a bot did it again for the same update; key, an application did it again with the same key of its own; update_blocked, action_blocked and key_blocked, it was kept from happening again.',
    aggregator: 'sum',
  },
  audit_queue_depth: {
    type: 'gauge',
    unit: '{record}',
    labels: [],
    help: 'Records in the journal that are not acknowledged yet.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_queue_oldest_age_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    help: 'Age of the oldest record that is not acknowledged yet; 0 when there is none.',
    aggregator: 'max',
    initial: WITHOUT_LABELS,
  },
  audit_journal_bytes: {
    type: 'gauge',
    unit: 'By',
    labels: [],
    help: 'Size of the journal, the whole directory.',
    aggregator: 'max',
    initial: WITHOUT_LABELS,
  },
  audit_export_duration_seconds: {
    type: 'histogram',
    unit: 's',
    labels: [],
    help: 'Time from sending a request to its answer, whatever that says.',
    aggregator: 'sum',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    initial: WITHOUT_LABELS,
  },
  audit_append_duration_seconds: {
    type: 'histogram',
    unit: 's',
    labels: [],
    help: 'Time to append a record to the journal.',
    aggregator: 'sum',
    buckets: [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1],
    initial: WITHOUT_LABELS,
  },
  audit_export_errors_total: {
    type: 'counter',
    unit: '{request}',
    labels: ['reason'],
    help: 'Requests to the endpoint that were not accepted whole.',
    aggregator: 'sum',
    initial: Object.keys(EXPORT_ERRORS).map((reason) => ({ reason })),
  },
  audit_chain_breaks_total: {
    type: 'counter',
    unit: '{break}',
    labels: ['source'],
    help: 'Places where a line of the journal does not follow from the one before it, as its shipper finds them (shipper); or what botaudit verify --watch finds wrong at a sink (elasticsearch, otlp-file), but for what is missing.',
    aggregator: 'sum',
    initial: [{ source: 'shipper' }],
  },
  audit_instrumentation_errors_total: {
    type: 'counter',
    unit: '{error}',
    labels: ['source'],
    help: 'Errors inside audit code that were kept from the bot.',
    aggregator: 'sum',
  },
  audit_instrumented_frameworks: {
    type: 'gauge',
    unit: '{process}',
    labels: ['framework', 'version', 'supported'],
    help: 'Processes that have hooked a framework.',
    aggregator: 'sum',
  },
  audit_streams: {
    type: 'gauge',
    unit: '{stream}',
    labels: [],
    help: 'Streams that are open: one for each process or thread that is audited.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_heartbeats_total: {
    type: 'counter',
    unit: '{heartbeat}',
    labels: [],
    help: 'Heartbeats recorded, by each stream one every heartbeat_interval_seconds.',
    aggregator: 'sum',
    initial: WITHOUT_LABELS,
  },
  audit_clock_offset_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    help: "How far this machine's clock is from the endpoint's, either way, as of the last heartbeat; 0 where that is not known.",
    aggregator: 'max',
    initial: WITHOUT_LABELS,
  },
  audit_canary_interval_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    help: 'How often botaudit doctor --every sends a canary; 0 where it does not run.',
    aggregator: 'max',
    initial: WITHOUT_LABELS,
  },
  audit_canary_last_success_timestamp_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['leg'],
    help: 'When a canary last came through this leg of its way: seconds since the epoch; 0 when never.',
    aggregator: 'max',
  },
  audit_canary_duration_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['leg'],
    help: 'How long the last canary that came through took for this leg.',
    aggregator: 'max',
  },
  audit_canary_failures_total: {
    type: 'counter',
    unit: '{canary}',
    labels: ['leg'],
    help: 'Canaries that did not come through this leg in time; the legs after it are not tried then.',
    aggregator: 'sum',
  },
  audit_archive_last_success_timestamp_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['operation'],
    help: 'When botaudit archive, or its --restore-check, last came to its end with nothing wrong: seconds since the epoch; 0 when never.',
    aggregator: 'max',
  },
  audit_archive_interval_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['operation'],
    help: 'How often botaudit archive, or its --restore-check, is to be run.',
    aggregator: 'max',
  },
  audit_sink_missing_records: {
    type: 'gauge',
    unit: '{record}',
    labels: ['source'],
    help: 'Records that should be at the sink and are not, as botaudit verify --watch last found; those that may still be on their way are not counted.',
    aggregator: 'max',
  },
  audit_sink_last_verified_timestamp_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['source'],
    help: 'When botaudit verify --watch last read all that the sink holds, whatever it found: seconds since the epoch; 0 when never.',
    aggregator: 'max',
  },
  audit_sink_verification_interval_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['source'],
    help: 'How often botaudit verify --watch verifies the sink.',
    aggregator: 'max',
  },
  audit_sink_verification_failures_total: {
    type: 'counter',
    unit: '{verification}',
    labels: ['source'],
    help: 'Verifications of the sink that could not be made, since not all of it could be read.',
    aggregator: 'sum',
  },
  audit_last_acknowledged_timestamp_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    help: 'When the endpoint last acknowledged a record: seconds since the epoch; 0 when never.',
    aggregator: 'max',
    initial: WITHOUT_LABELS,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

type NamesOf<T extends MetricDefinition['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;

/** The labels that a metric has, each with a value. */
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof METRICS)[N]['labels'][number], string>>;

/** Where measurements go: a {@link Metrics}, or a relay that carries them to one in another thread. */
export interface MetricSink {
  /** Adds `n`, by default 1, to a counter. Adding 0 makes the series known, so that its first increment is seen. */
  add<N extends CounterName>(name: N, labels: LabelsOf<N>, n?: number): void;
  /** Sets a gauge. */
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Adds a measurement, in the metric's unit, to a histogram. */
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
}
