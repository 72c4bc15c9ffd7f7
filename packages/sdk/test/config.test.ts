import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOOTSTRAP_VARIABLES, CONFIG_OPTIONS, ConfigError, loadConfig } from '../src/index.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'botaudit-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (text: string, name = 'botaudit.yaml') => writeFileSync(join(cwd, name), text);
const load = (env: Record<string, string> = {}) => loadConfig({ env, cwd });

function failure(env: Record<string, string> = {}): ConfigError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('without file and variables', () => {
  it('has the defaults', () => {
    expect(load()).toEqual({
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
        ack: 'collector',
      },
      policy: { rules: [] },
      endpoint: undefined,
      signing: { key: undefined, keyFile: undefined, checkpointRecords: 1000, checkpointIntervalMs: 60_000 },
      metrics: { host: '127.0.0.1', port: 9731 },
      heartbeatIntervalMs: 300_000,
      exitTimeoutMs: 1_000,
      problems: [],
      warnings: [],
    });
  });
});

describe('the file', () => {
  it('sets what it names and leaves the rest at its default', () => {
    write(`
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
    const config = load();
    expect(config.file).toBe(join(cwd, 'botaudit.yaml'));
    expect(config.service).toEqual({
      name: 'moderator',
      attributes: { 'deployment.environment.name': 'production' },
    });
    expect(config.journal).toMatchObject({
      directory: join(cwd, 'audit'),
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
    mkdirSync(join(cwd, 'etc'));
    write('journal:\n  directory: data\n', 'etc/audit.yaml');
    const config = load({ BOTAUDIT_CONFIG: 'etc/audit.yaml' });
    expect(config.journal.directory).toBe(join(cwd, 'etc', 'data'));
  });

  it('gives way to the environment', () => {
    write('journal:\n  directory: a\n  durability: process\nheartbeat_interval_seconds: 60\n');
    const config = load({ BOTAUDIT_DIR: 'b', BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS: '5' });
    expect(config.journal.directory).toBe(join(cwd, 'b'));
    expect(config.journal.durability).toBe('process');
    expect(config.heartbeatIntervalMs).toBe(5_000);
  });

  it.each(['', '# nothing yet\n', 'journal:\n', 'journal:\n  directory:\n'])('may hold nothing: %j', (text) => {
    write(text);
    expect(load().journal.directory).toBeUndefined();
  });
});

describe('a wrong file stops the start', () => {
  it('names file, line, key and what is allowed for an unknown key', () => {
    write('service:\n  name: x\n\njournal:\n  durabilty: memory\n');
    const error = failure();
    expect(error).toMatchObject({ file: join(cwd, 'botaudit.yaml'), line: 5, key: 'journal.durabilty' });
    expect(error.allowed).toContain('durability');
    expect(error.message).toContain(
      `${join(cwd, 'botaudit.yaml')}:5: journal.durabilty: unknown key, did you mean durability?`,
    );
  });

  it('names file, line, key and what is allowed for a wrong value', () => {
    write('journal:\n  max_bytes: a lot\n');
    expect(failure()).toMatchObject({ line: 2, key: 'journal.max_bytes', code: 'ERR_AUDIT_CONFIG' });
    expect(failure().message).toContain('wrong value "a lot"; allowed: a number of bytes');
  });

  it('names every problem at once, in the order of the file', () => {
    write('metrics: nowhere\njournal: 7\nendpoint:\n  url: ftp://x\n  compression: brotli\nnonsense: 1\n');
    expect(failure().problems.map(({ line, key }) => [line, key])).toEqual([
      [1, 'metrics'],
      [2, 'journal'],
      [4, 'endpoint.url'],
      [5, 'endpoint.compression'],
      [6, 'nonsense'],
    ]);
  });

  it.each([
    ['a tab as indentation', 'journal:\n\tdirectory: x\n', 2],
    ['an open quote', 'service:\n  name: "x\n', 3],
    ['a key twice', 'metrics: off\nmetrics: off\n', 2],
    ['a list where a section belongs', '- a\n', 1],
    ['two documents', 'metrics: off\n---\nmetrics: off\n', 2],
  ])('%s', (_, text, line) => {
    write(text);
    expect(failure()).toMatchObject({ file: join(cwd, 'botaudit.yaml'), line });
  });

  it('refuses aliases that grow without bound', () => {
    const level = (n: number) =>
      `a${n}: &a${n} [${Array(12)
        .fill(`*a${n - 1}`)
        .join(',')}]`;
    write(`a0: &a0 [x]\n${[1, 2, 3, 4, 5, 6, 7].map(level).join('\n')}\n`);
    expect(failure().message).toContain('too many aliases');
  });

  it('refuses a key that would change a prototype', () => {
    write('__proto__:\n  disabled: true\n');
    expect(failure().message).toContain('unknown key');
    expect(({} as { disabled?: unknown }).disabled).toBeUndefined();
  });

  it('says when the file that was named does not exist, is a folder, or cannot be read', () => {
    expect(failure({ BOTAUDIT_CONFIG: 'missing.yaml' }).message).toContain('missing.yaml: does not exist');
    expect(failure({ BOTAUDIT_CONFIG: '.' }).message).toContain('is a folder, not a file');
  });

  it.skipIf(process.getuid?.() === 0)('says when this user may not read it', () => {
    write('metrics: off\n');
    chmodSync(join(cwd, 'botaudit.yaml'), 0o000);
    expect(failure().message).toContain('this user has no right to');
  });

  it('does not show a stack trace', () => {
    write('x: 1\n');
    expect(failure().stack).not.toMatch(/^\s+at /m);
  });
});

describe('secrets are never shown', () => {
  const SECRET = 's3cr3t-t0ken';
  it.each([
    ['a header without a name', { OTEL_EXPORTER_OTLP_AUDIT_HEADERS: SECRET }],
    ['a header with a line break', { OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=${SECRET}%0d%0ax:y` }],
    ['credentials in the address', { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `https://me:${SECRET}@collector` }],
    ['an address that is none', { OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: `collector?token=${SECRET}` }],
  ])('%s in the environment', (_, env) => {
    const error = failure(env as unknown as Record<string, string>);
    expect(error.variable).toBe(Object.keys(env)[0]);
    expect(error.message).not.toContain(SECRET);
    expect(error.message).toContain('wrong value (not shown); allowed: ');
  });

  it.each([
    ['a list of headers', `endpoint:\n  headers: [${SECRET}]\n`],
    ['an indentation that is wrong after a secret', `endpoint:\n  headers:\n    authorization: ${SECRET}\n   x: y\n`],
    ['an alias that looks like one', `endpoint:\n  headers: *${SECRET}\n`],
    ['a secret with a colon', `endpoint:\n  headers: authorization: ${SECRET}: x\n`],
    ['a secret after a quote', `endpoint:\n  headers: "a" ${SECRET}\n`],
  ])('%s in the file', (_, text) => {
    write(text);
    expect(failure().message).not.toContain(SECRET);
  });
});

describe('the environment', () => {
  it('reads the variables of the audit endpoint', () => {
    const config = load({
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
      certificate: join(cwd, 'ca.pem'),
      clientKey: '/tls/key.pem',
      clientCertificate: '/tls/cert.pem',
      compression: 'gzip',
      timeoutMs: 3_000,
      protocol: 'http/json',
    });
  });

  it('leaves a path alone that the endpoint has', () => {
    const at = (url: string) => load({ OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: url }).endpoint?.url;
    expect(at('https://c.example/audit/in')).toBe('https://c.example/audit/in');
    expect(at('https://c.example/')).toBe('https://c.example/v1/audit');
    expect(at('https://c.example/?tenant=a')).toBe('https://c.example/v1/audit?tenant=a');
  });

  it('never reads the general OTLP variables: audit data goes only where it was told to', () => {
    const config = load({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere:4318',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://elsewhere:4318/v1/logs',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    });
    expect(config.endpoint).toBeUndefined();
  });

  it('reads resource attributes and the service name', () => {
    const config = load({
      OTEL_SERVICE_NAME: 'payments',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2,team=a%2Cb',
    });
    expect(config.service).toEqual({ name: 'payments', attributes: { 'service.version': '1.2', team: 'a,b' } });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(load({ BOTAUDIT_METRICS: '', BOTAUDIT_DIR: ' ', BOTAUDIT_CONFIG: '' }).metrics?.port).toBe(9731);
  });

  it.each([
    ['BOTAUDIT_DURABILITY', 'fsync', 'memory, process, power'],
    ['BOTAUDIT_GROUP_READ', 'maybe', 'true or false'],
    ['BOTAUDIT_METRICS', '9731', 'host:port'],
    ['BOTAUDIT_METRICS', '127.0.0.1:99999', 'host:port'],
    ['BOTAUDIT_MIN_FREE_BYTES', '120%', 'percentage'],
    ['BOTAUDIT_SEGMENT_MAX_BYTES', '1', 'at least 65536'],
    ['BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS', '-1', 'a whole number from 0'],
    ['BOTAUDIT_ON_ERROR', 'ignore', 'stop, continue'],
    ['OTEL_EXPORTER_OTLP_AUDIT_PROTOCOL', 'grpc', 'http/json, http/protobuf'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'novalue', 'key=value'],
  ])('%s=%s is refused, and what is allowed is named', (name, value, allowed) => {
    const error = failure({ [name]: value });
    expect(error.variable).toBe(name);
    expect(error.message).toContain(`${name}: wrong value`);
    expect(error.allowed).toContain(allowed);
  });

  it('warns about a variable that means nothing, with the one that was meant', () => {
    expect(load({ BOTAUDIT_DURABILTY: 'process', BOTAUDIT_WHATEVER_ELSE: '1' }).warnings).toEqual([
      'BOTAUDIT_DURABILTY means nothing here; did you mean BOTAUDIT_DURABILITY?',
      'BOTAUDIT_WHATEVER_ELSE means nothing here',
    ]);
  });

  it('is silent about what Kubernetes injects for a service of our name', () => {
    const { warnings } = load({
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
    write('service:\n  name: moderator\njournal:\n  durability: sometimes\n');
    const config = load({ BOTAUDIT_ON_ERROR: 'continue' });
    expect(config.service.name).toBe('moderator');
    expect(config.journal.durability).toBeUndefined();
    expect(config.problems).toMatchObject([{ key: 'journal.durability', line: 4 }]);
  });

  it('ships nothing through an endpoint of which anything is wrong', () => {
    const OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT = 'https://collector.example';
    const at = (env: Record<string, string>) =>
      load({ OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT, BOTAUDIT_ON_ERROR: 'continue', ...env });
    expect(at({}).endpoint).toBeDefined();
    expect(at({ OTEL_EXPORTER_OTLP_AUDIT_HEADERS: 'nonsense' }).endpoint).toBeUndefined();
    expect(at({ OTEL_EXPORTER_OTLP_AUDIT_CLIENT_KEY: 'key.pem' }).problems).toMatchObject([
      { key: 'endpoint.client_certificate', problem: 'is missing' },
    ]);
  });

  it('goes on without a file that is no YAML', () => {
    write('{');
    expect(load({ BOTAUDIT_ON_ERROR: 'continue', BOTAUDIT_DIR: '/a' }).journal.directory).toBe('/a');
  });
});

it('BOTAUDIT_DISABLED=1 switches off whatever else is wrong', () => {
  write('{');
  expect(load({ BOTAUDIT_DISABLED: '1' }).disabled).toBe(true);
});

describe('the reference of options', () => {
  it('has a description, a type and an own variable for each, and a default or what happens without', () => {
    // A list of maps is the file's alone to say.
    const [lists, options] = [true, false].map((isList) => CONFIG_OPTIONS.filter((each) => !!each.members === isList));
    expect(lists?.map(({ key, env }) => [key, env])).toEqual([['policy.rules', undefined]]);
    for (const member of lists?.flatMap(({ members = [] }) => members) ?? []) {
      expect(member.description).toMatch(/\.$/);
      expect(member.default !== undefined || member.otherwise !== undefined).toBe(true);
    }
    const entries = [...(options ?? []), ...BOOTSTRAP_VARIABLES];
    const variables = entries.map(({ env }) => env);
    expect(new Set(variables).size).toBe(variables.length);
    for (const entry of entries) {
      expect(entry.env).toMatch(/^(BOTAUDIT_|OTEL_)[A-Z_]+$/);
      expect(entry.description).toMatch(/\.$/);
      expect(entry.type).not.toBe('');
      expect(entry.default !== undefined || entry.otherwise !== undefined).toBe(true);
    }
  });

  it('keeps every default valid by its own type', () => {
    for (const { key, default: value, jsonSchema } of CONFIG_OPTIONS) {
      if (value === undefined || typeof value === 'object') continue;
      write(key.replace('.', ':\n  ').concat(`: ${value}\n`));
      expect(() => load()).not.toThrow();
      const patterns = JSON.stringify(jsonSchema).match(/"pattern":("[^"]*")/);
      if (patterns?.[1]) expect(String(value)).toMatch(new RegExp(JSON.parse(patterns[1])));
    }
  });
});
