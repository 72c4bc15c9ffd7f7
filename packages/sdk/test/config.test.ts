import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFolder } from './config-folder.js';

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

describe('without file and variables', () => {
  it('has the defaults', () => {
    expect(folder.load()).toEqual({
      disabled: false,
      file: undefined,
      service: { name: undefined, attributes: {} },
      journal: {
        directory: undefined,
        groupRead: false,
        durability: undefined,
        syncIntervalMs: 50,
        compress: 'zstd',
        maxBytes: 2 ** 30,
        minFreeBytes: 0.1,
        segmentMaxBytes: 2 ** 24,
        segmentMaxAgeMs: 86_400_000,
        keepAcknowledgedMs: 604_800_000,
        maxAgeMs: undefined,
        ack: 'collector',
      },
      policy: { preset: undefined, rules: [], watchIntervalMs: 5_000 },
      protection: {
        detect: [],
        fields: {},
        pseudonym: { key: undefined, keyFile: undefined },
        encrypt: { recipients: [] },
      },
      endpoint: undefined,
      signing: {
        key: undefined,
        keyFile: undefined,
        checkpointRecords: 1000,
        checkpointIntervalMs: 60_000,
        timestamps: { url: undefined, authorities: undefined, policy: undefined, timeoutMs: 10_000 },
      },
      accessLog: { mode: 'best-effort', directory: undefined },
      metrics: { host: '127.0.0.1', port: 9731 },
      heartbeatIntervalMs: 300_000,
      mcp: { claimedUser: undefined },
      exitTimeoutMs: 1_000,
      problems: [],
      warnings: [],
    });
  });
});

describe('the file', () => {
  it('sets what it names and leaves the rest at its default', () => {
    folder.write(`
# what this bot audits
service:
  name: moderator
  attributes:
    deployment.environment.name: production
journal:
  directory: audit
  group_read: yes
  durability: power
  sync_interval_ms: 20
  max_bytes: 512 MiB
  min_free_bytes: 1GB
  segment_max_age_seconds: 3600
  compress: none
endpoint:
  url: https://collector.example:4318
  headers:
    authorization: Bearer s3cret
  timeout_ms: 2500
  compression: gzip
metrics: off
`);
    const config = folder.load();
    expect(config.file).toBe(join(folder.path, 'botaudit.yaml'));
    expect(config.service).toEqual({
      name: 'moderator',
      attributes: { 'deployment.environment.name': 'production' },
    });
    expect(config.journal).toMatchObject({
      directory: join(folder.path, 'audit'),
      groupRead: true,
      durability: 'power',
      syncIntervalMs: 20,
      compress: 'none',
      maxBytes: 512 * 2 ** 20,
      minFreeBytes: 1e9,
      segmentMaxAgeMs: 3_600_000,
      segmentMaxBytes: 2 ** 24,
    });
    expect(config.endpoint).toEqual({
      url: 'https://collector.example:4318/v1/audit',
      headers: { authorization: 'Bearer s3cret' },
      certificate: undefined,
      clientKey: undefined,
      clientCertificate: undefined,
      compression: 'gzip',
      timeoutMs: 2_500,
      protocol: 'http/json',
    });
    expect(config.metrics).toBeUndefined();
  });

  it('is found by BOTAUDIT_CONFIG, and its paths are meant from its own folder', () => {
    mkdirSync(join(folder.path, 'etc'));
    folder.write('journal:\n  directory: data\n', 'etc/audit.yaml');
    const config = folder.load({ BOTAUDIT_CONFIG: 'etc/audit.yaml' });
    expect(config.journal.directory).toBe(join(folder.path, 'etc', 'data'));
  });

  it('gives way to the environment', () => {
    folder.write('journal:\n  directory: a\n  durability: process\nheartbeat_interval_seconds: 60\n');
    const config = folder.load({ BOTAUDIT_DIR: 'b', BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS: '5' });
    expect(config.journal.directory).toBe(join(folder.path, 'b'));
    expect(config.journal.durability).toBe('process');
    expect(config.heartbeatIntervalMs).toBe(5_000);
  });

  it.each(['', '# nothing yet\n', 'journal:\n', 'journal:\n  directory:\n'])('may hold nothing: %j', (text) => {
    folder.write(text);
    expect(folder.load().journal.directory).toBeUndefined();
  });
});

describe('the environment', () => {
  it('reads the variables of the audit endpoint', () => {
    const config = folder.load({
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_AUDIT_HEADERS: 'authorization=Bearer%20a%3Db,x-tenant=t1',
      OTEL_EXPORTER_OTLP_AUDIT_CERTIFICATE: 'ca.pem',
      OTEL_EXPORTER_OTLP_AUDIT_CLIENT_KEY: '/tls/key.pem',
      OTEL_EXPORTER_OTLP_AUDIT_CLIENT_CERTIFICATE: '/tls/cert.pem',
      OTEL_EXPORTER_OTLP_AUDIT_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_AUDIT_TIMEOUT: '3000',
      OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL: 'http/json',
    });
    expect(config.endpoint).toEqual({
      url: 'http://127.0.0.1:4318/v1/audit',
      headers: { authorization: 'Bearer a=b', 'x-tenant': 't1' },
      certificate: join(folder.path, 'ca.pem'),
      clientKey: '/tls/key.pem',
      clientCertificate: '/tls/cert.pem',
      compression: 'gzip',
      timeoutMs: 3_000,
      protocol: 'http/json',
    });
  });

  it('leaves a path alone that the endpoint has', () => {
    const at = (url: string) => folder.load({ OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: url }).endpoint?.url;
    expect(at('https://c.example/audit/in')).toBe('https://c.example/audit/in');
    expect(at('https://c.example/')).toBe('https://c.example/v1/audit');
    expect(at('https://c.example/?tenant=a')).toBe('https://c.example/v1/audit?tenant=a');
  });

  it('never reads the general OTLP variables: audit data goes only where it was told to', () => {
    const config = folder.load({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere:4318',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://elsewhere:4318/v1/logs',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    });
    expect(config.endpoint).toBeUndefined();
  });

  it('reads resource attributes and the service name', () => {
    const config = folder.load({
      OTEL_SERVICE_NAME: 'payments',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2,team=a%2Cb',
    });
    expect(config.service).toEqual({ name: 'payments', attributes: { 'service.version': '1.2', team: 'a,b' } });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(folder.load({ BOTAUDIT_METRICS: '', BOTAUDIT_DIR: ' ', BOTAUDIT_CONFIG: '' }).metrics?.port).toBe(9731);
  });

  it.each([
    ['BOTAUDIT_DURABILITY', 'fsync', 'memory, process, power'],
    ['BOTAUDIT_GROUP_READ', 'maybe', 'true or false'],
    ['BOTAUDIT_METRICS', '9731', 'host:port'],
    ['BOTAUDIT_METRICS', '127.0.0.1:99999', 'host:port'],
    ['BOTAUDIT_MIN_FREE_BYTES', '120%', 'percentage'],
    ['BOTAUDIT_SEGMENT_MAX_BYTES', '1', 'at least 65536'],
    ['BOTAUDIT_SEGMENT_MAX_BYTES', '1 GiB', 'at most 268435456'],
    ['BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS', '-1', 'a whole number from 0'],
    ['BOTAUDIT_ON_ERROR', 'ignore', 'stop, continue'],
    ['OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL', 'grpc', 'http/json, http/protobuf'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'novalue', 'key=value'],
  ])('%s=%s is refused, and what is allowed is named', (name, value, allowed) => {
    const error = folder.failure({ [name]: value });
    expect(error.variable).toBe(name);
    expect(error.message).toContain(`${name}: wrong value`);
    expect(error.allowed).toContain(allowed);
  });

  it('warns about a variable that means nothing, with the one that was meant', () => {
    expect(folder.load({ BOTAUDIT_DURABILTY: 'process', BOTAUDIT_WHATEVER_ELSE: '1' }).warnings).toEqual([
      'BOTAUDIT_DURABILTY means nothing here; did you mean BOTAUDIT_DURABILITY?',
      'BOTAUDIT_WHATEVER_ELSE means nothing here',
    ]);
  });

  it('is silent about what Kubernetes injects for a service of our name', () => {
    const { warnings } = folder.load({
      BOTAUDIT_SERVICE_HOST: '10.0.0.1',
      BOTAUDIT_SERVICE_PORT: '9731',
      BOTAUDIT_SERVICE_PORT_METRICS: '9731',
      BOTAUDIT_PORT: 'tcp://10.0.0.1:9731',
      BOTAUDIT_PORT_9731_TCP: 'tcp://10.0.0.1:9731',
      BOTAUDIT_PORT_9731_TCP_PROTO: 'tcp',
      BOTAUDIT_PORT_9731_TCP_PORT: '9731',
      BOTAUDIT_PORT_9731_TCP_ADDR: '10.0.0.1',
      BOTAUDIT_INDEXER_SERVICE_HOST: '10.0.0.2',
    });
    expect(warnings).toEqual([]);
  });
});

describe('BOTAUDIT_ON_ERROR=continue', () => {
  it('keeps what is right, leaves what is wrong at its default, and says what was wrong', () => {
    folder.write('service:\n  name: moderator\njournal:\n  durability: sometimes\n');
    const config = folder.load({ BOTAUDIT_ON_ERROR: 'continue' });
    expect(config.service.name).toBe('moderator');
    expect(config.journal.durability).toBeUndefined();
    expect(config.problems).toMatchObject([{ key: 'journal.durability', line: 4 }]);
  });

  it('ships nothing through an endpoint of which anything is wrong', () => {
    const OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT = 'https://collector.example';
    const at = (env: Record<string, string>) =>
      folder.load({ OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT, BOTAUDIT_ON_ERROR: 'continue', ...env });
    expect(at({}).endpoint).toBeDefined();
    expect(at({ OTEL_EXPORTER_OTLP_AUDIT_HEADERS: 'nonsense' }).endpoint).toBeUndefined();
    expect(at({ OTEL_EXPORTER_OTLP_AUDIT_CLIENT_KEY: 'key.pem' }).problems).toMatchObject([
      { key: 'endpoint.client_certificate', problem: 'is missing' },
    ]);
  });

  it('goes on without a file that is no YAML', () => {
    folder.write('{');
    expect(folder.load({ BOTAUDIT_ON_ERROR: 'continue', BOTAUDIT_DIR: '/a' }).journal.directory).toBe('/a');
  });
});

it('BOTAUDIT_DISABLED=1 switches off whatever else is wrong', () => {
  folder.write('{');
  expect(folder.load({ BOTAUDIT_DISABLED: '1' }).disabled).toBe(true);
});
