/** What is known of a metric without its values. */
export interface IndexerMetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry writes units: `s`, `By`, `{record}`. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** One line for a reader. */
  readonly help: string;
  /** Upper bounds of a histogram's buckets, ascending; the last one, infinity, is implied. */
  readonly buckets?: readonly number[];
  /** Series that are there from the start, at 0, because alerts look at how they grow. */
  readonly initial?: readonly Readonly<Record<string, string>>[];
}

/** What became of a record, in `audit_indexer_records_total`. */
export const RECORD_RESULTS = {
  stored: 'is in Elasticsearch now',
  known: 'was there already, the very same bytes',
  rejected: 'is in the stream of rejected records',
} as const;

/** Why a request was not accepted, in `audit_indexer_requests_refused_total`. */
export const REFUSALS = {
  unauthorized: 'no valid token or certificate',
  not_otlp: 'not OTLP: another path, method, type, encoding, or bytes that are none',
  too_large: 'more bytes than one request may have, also once decompressed',
  full: 'so many records wait for Elasticsearch that there was no room for it in time: 503',
  timeout: 'Elasticsearch did not take the records in time: 503',
  stopping: 'the indexer is being stopped: 503',
} as const;

/** What went wrong with Elasticsearch, in `audit_indexer_elasticsearch_errors_total`. */
export const ELASTICSEARCH_ERRORS = {
  unavailable: 'no connection, or an answer of 500 or more',
  timeout: 'no answer in time',
  throttled: '429',
  unauthorized: '401',
  forbidden: '403',
  not_set_up: 'no data stream that `botaudit index --setup` has made',
  unexpected: 'an answer that is not the one of Elasticsearch to such a request',
} as const;

/** What became of a message of Kafka, in `audit_indexer_kafka_messages_total`. */
export const KAFKA_MESSAGES = {
  taken: 'its records were handed on',
  malformed: 'it is no OTLP, and is kept as it came in the stream of rejected records',
} as const;

/** What went wrong with Kafka, in `audit_indexer_kafka_errors_total`. */
export const KAFKA_ERRORS = {
  unavailable: 'no connection, or no answer in time',
  unauthorized: 'wrong password, or not allowed to read the topic or to be a member of the group',
  no_topic: 'there is no such topic',
  membership: 'the group does not have this indexer as a member any longer',
  not_stored: 'a message has no place in Elasticsearch, not even as a rejected one; it is read again',
  unexpected: 'anything else',
} as const;

export type KafkaMessageResult = keyof typeof KAFKA_MESSAGES;
export type KafkaError = keyof typeof KAFKA_ERRORS;
export type RecordResult = keyof typeof RECORD_RESULTS;
export type Refusal = keyof typeof REFUSALS;
export type ElasticsearchError = keyof typeof ELASTICSEARCH_ERRORS;

const WITHOUT_LABELS = [{}];

/**
 * Every metric of the indexer. The reference page, dashboards and alerts derive from this table. No label holds the id of
 * a person; a metric has at most 500 label sets, what comes after them is counted as `other`.
 */
export const INDEXER_METRICS = {
  audit_indexer_events_total: {
    type: 'counter',
    unit: '{event}',
    labels: ['bot_id', 'event', 'action', 'outcome'],
    help: 'Records stored, each once; attempts are not counted. An event that is not in the catalogue is "other".',
  },
  audit_indexer_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['result'],
    help: 'Records that have their place, by what became of them.',
    initial: Object.keys(RECORD_RESULTS).map((result) => ({ result })),
  },
  audit_indexer_requests_total: {
    type: 'counter',
    unit: '{request}',
    labels: ['status'],
    help: 'Requests, by the status of the answer.',
    initial: [{ status: '200' }],
  },
  audit_indexer_requests_refused_total: {
    type: 'counter',
    unit: '{request}',
    labels: ['reason'],
    help: 'Requests that were not accepted, by reason.',
    initial: Object.keys(REFUSALS).map((reason) => ({ reason })),
  },
  audit_indexer_elasticsearch_errors_total: {
    type: 'counter',
    unit: '{error}',
    labels: ['reason'],
    help: 'Bulk requests that Elasticsearch did not carry out, whole or in part; they are tried again.',
    initial: Object.keys(ELASTICSEARCH_ERRORS).map((reason) => ({ reason })),
  },
  audit_indexer_principal_mismatches_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['principal'],
    help: 'Records whose service.name is not one that their sender may speak for. They are stored.',
  },
  audit_indexer_pending_records: {
    type: 'gauge',
    unit: '{record}',
    labels: [],
    help: 'Records that wait for Elasticsearch.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_pending_bytes: {
    type: 'gauge',
    unit: 'By',
    labels: [],
    help: 'Memory that requests and records take which wait.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_elasticsearch_up: {
    type: 'gauge',
    unit: '1',
    labels: [],
    help: 'Whether the last bulk request was carried out: 1 or 0.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_last_stored_timestamp_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    help: 'When a record was last stored: seconds since the epoch; 0 when never.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_bulk_duration_seconds: {
    type: 'histogram',
    unit: 's',
    labels: [],
    help: 'Time from sending a bulk request to its answer, whatever that says.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    initial: WITHOUT_LABELS,
  },
  audit_indexer_delay_seconds: {
    type: 'histogram',
    unit: 's',
    labels: [],
    help: 'Time from when a record was observed by its producer to when it is stored.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 86_400],
    initial: WITHOUT_LABELS,
  },
  audit_indexer_kafka_messages_total: {
    type: 'counter',
    unit: '{message}',
    labels: ['result'],
    help: 'Messages read from Kafka, by what became of them; one that is read again is counted again.',
    initial: Object.keys(KAFKA_MESSAGES).map((result) => ({ result })),
  },
  audit_indexer_kafka_errors_total: {
    type: 'counter',
    unit: '{error}',
    labels: ['reason'],
    help: 'What went wrong with Kafka; it is tried again.',
    initial: Object.keys(KAFKA_ERRORS).map((reason) => ({ reason })),
  },
  audit_indexer_kafka_offset_resets_total: {
    type: 'counter',
    unit: '{reset}',
    labels: [],
    help: 'Partitions that had nothing where the group was, and are read from their beginning: messages may be gone that were never stored.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_kafka_up: {
    type: 'gauge',
    unit: '1',
    labels: [],
    help: 'Whether this indexer is a member of the group, and the last request for messages was answered: 1 or 0; 0 without Kafka.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_kafka_partitions: {
    type: 'gauge',
    unit: '{partition}',
    labels: [],
    help: 'Partitions that this indexer reads. The sum over the group is that of the topic, unless nobody reads some.',
    initial: WITHOUT_LABELS,
  },
  audit_indexer_kafka_lag_messages: {
    type: 'gauge',
    unit: '{message}',
    labels: [],
    help: 'Messages in the partitions of this indexer that have no place in Elasticsearch yet, as of some seconds ago.',
    initial: WITHOUT_LABELS,
  },
} as const satisfies Record<string, IndexerMetricDefinition>;

export type IndexerMetricName = keyof typeof INDEXER_METRICS;
