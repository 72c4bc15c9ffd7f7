import { META_NAME } from '../elasticsearch/set-up-check.js';

/** A mapping, settings, a template, a role: JSON that Elasticsearch is sent. */
export interface Json {
  readonly [name: string]: JsonValue;
}
type JsonValue = string | number | boolean | readonly JsonValue[] | Json;

/** Longer values stay in the document, but can't be searched for: Elasticsearch would refuse the whole document. */
const KEYWORD: Json = { type: 'keyword', ignore_above: 1024 };
/** A value of another type than this is an error: the record goes to the rejected ones. */
const LONG: Json = { type: 'long', coerce: false };
const DOUBLE: Json = { type: 'double', coerce: false };
const BOOLEAN: Json = { type: 'boolean' };

/** Attributes whose type is fixed: `audit.*` and `bot.*`, those that are not texts. All others of these are keywords. */
const OTHER_TYPES: Readonly<Record<string, Json>> = {
  'audit.sequence.number': LONG,
  'audit.sequence.end': BOOLEAN,
  'bot.action.duration': DOUBLE,
  'bot.clock.held': BOOLEAN,
  'bot.duplicate': BOOLEAN,
  'bot.truncated.length': LONG,
  'bot.api.webhook_reply': BOOLEAN,
};

const KEYWORDS = [
  ...['record.id', 'actor.id', 'actor.type', 'action', 'outcome'].map((name) => `audit.${name}`),
  ...['target.id', 'target.type', 'source.id', 'source.type', 'reason'].map((name) => `audit.${name}`),
  ...['stream_id', 'previous_hash'].map((name) => `audit.sequence.${name}`),
  ...['value', 'signer', 'canonicalization'].map((name) => `audit.integrity.${name}`),
  ...['id', 'name', 'platform', 'framework', 'actor.assurance'].map((name) => `bot.${name}`),
  ...['update.id', 'update.type', 'chat.id', 'chat.type', 'thread.id'].map((name) => `bot.${name}`),
  ...['command.name', 'api.method', 'trigger.record_id', 'duplicate.of'].map((name) => `bot.${name}`),
  ...['arguments_hash', 'key_hash', 'stage', 'attempt.record_id'].map((name) => `bot.action.${name}`),
  ...['name', 'sha256'].map((name) => `bot.truncated.${name}`),
];

/**
 * Further attributes of the semantic conventions that people search for. They have their place in the mapping from the
 * start, so that no flood of other keys can take it.
 */
const CONVENTIONS = [
  'error.type',
  'error.message',
  'session.id',
  'gen_ai.request.model',
  'gen_ai.tool.name',
  'mcp.method.name',
];

const RESOURCE = [
  ...['name', 'version', 'namespace', 'instance.id'].map((name) => `service.${name}`),
  ...['deployment.environment.name', 'host.name', 'host.id', 'container.id', 'process.pid'],
  ...['namespace.name', 'pod.name', 'deployment.name', 'node.name'].map((name) => `k8s.${name}`),
];

const keywords = (names: readonly string[]): Json => Object.fromEntries(names.map((name) => [name, KEYWORD]));

/** Milliseconds with six more digits, so that nanoseconds are kept. */
const TIMESTAMP: Json = { type: 'date_nanos', format: 'epoch_millis' };

const DATA_STREAM: Json = { properties: { type: KEYWORD, dataset: KEYWORD, namespace: KEYWORD } };
const INGEST: Json = {
  event: { properties: { ingested: { type: 'date' } } },
  audit: { properties: { ingest: { properties: { principal: KEYWORD } } } },
};

/**
 * Keys that nobody foresaw: each is mapped by the type of its first value, and a value of another type is kept without
 * being searchable. How many there may be is a setting of the index.
 */
const DYNAMIC_TEMPLATES: readonly Json[] = [
  { numbers: { match_mapping_type: ['long', 'double'], mapping: { type: 'double', ignore_malformed: true } } },
  { booleans: { match_mapping_type: 'boolean', mapping: { type: 'boolean', ignore_malformed: true } } },
  { texts: { match_mapping_type: 'string', mapping: KEYWORD } },
];

/** Mapping of the records: the shape that OpenTelemetry logs have in Elasticsearch. */
export function recordMappings(fingerprint: string): Json {
  return {
    _meta: { [META_NAME]: { fingerprint } },
    dynamic: 'false',
    date_detection: false,
    dynamic_templates: DYNAMIC_TEMPLATES,
    properties: {
      '@timestamp': TIMESTAMP,
      observed_timestamp: TIMESTAMP,
      data_stream: DATA_STREAM,
      event_name: KEYWORD,
      trace_id: KEYWORD,
      span_id: KEYWORD,
      trace: { properties: { id: { type: 'alias', path: 'trace_id' } } },
      span: { properties: { id: { type: 'alias', path: 'span_id' } } },
      attributes: {
        type: 'passthrough',
        dynamic: 'true',
        priority: 20,
        properties: { ...keywords([...KEYWORDS, ...CONVENTIONS]), ...OTHER_TYPES },
      },
      resource: {
        properties: {
          attributes: { type: 'passthrough', dynamic: 'true', priority: 10, properties: keywords(RESOURCE) },
        },
      },
      // One field, however many keys a body has.
      body: { properties: { structured: { type: 'flattened', depth_limit: 64, ignore_above: 1024 } } },
      ...INGEST,
    },
  };
}

/** Mapping of what was refused: the record itself is a text that Elasticsearch does not look into. */
export function rejectedMappings(fingerprint: string): Json {
  return {
    _meta: { [META_NAME]: { fingerprint } },
    dynamic: 'false',
    date_detection: false,
    properties: {
      '@timestamp': { type: 'date' },
      data_stream: DATA_STREAM,
      event_name: KEYWORD,
      record_id: KEYWORD,
      rejected: {
        properties: {
          type: KEYWORD,
          reason: KEYWORD,
          original: { type: 'keyword', index: false, doc_values: false },
        },
      },
      service: { properties: { name: KEYWORD } },
      ...INGEST,
    },
  };
}
