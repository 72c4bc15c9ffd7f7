import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditEvent, AuditUnavailableError, InvalidEventError } from '@botaudit/api';
import { CATALOGUE } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../src/index.js';
import { names, onlyStreamIn, recordsIn, streamsIn } from './journal-of.js';

let directory: string;
let said: string[];
const started: Backend[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'botaudit-backend-'));
  said = [];
});
afterEach(async () => {
  for (const backend of started.splice(0)) await backend.shutdown();
  rmSync(directory, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): Backend {
  const backend = startBackend({
    env: { BOTAUDIT_DIR: directory, BOTAUDIT_METRICS: 'off', OTEL_SERVICE_NAME: 'moderator', ...env },
    cwd: directory,
    say: (message) => said.push(message),
  });
  started.push(backend);
  return backend;
}

const event = (parts: Partial<AuditEvent> = {}): AuditEvent => ({
  name: 'bot.message.send',
  action: 'SEND',
  outcome: 'success',
  actor: { id: 'telegram:42', type: 'user' },
  ...parts,
});

/** The one record that `parts` lead to. */
async function recordOf(parts: Partial<AuditEvent>) {
  const backend = start();
  const id = backend.write(event(parts));
  await backend.shutdown();
  const record = onlyStreamIn(directory).at(-2);
  if (!record) throw new Error('nothing was recorded');
  expect(record.attributes['audit.record.id']).toBe(id);
  return record;
}

async function until<T>(what: () => T | undefined | false, ms = 10_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = what();
    if (found) return found;
    if (performance.now() > deadline) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('what is written of an event, and when', () => {
  it('is as the catalogue says', () => {
    const backend = start();
    for (const [name, { written }] of Object.entries(CATALOGUE)) {
      expect(backend.decide({ name })).toEqual({ level: 'metadata', written, failClosed: false });
    }
  });

  it('is the outcome, of an event that the catalogue does not know', () => {
    for (const name of ['payment.transfer', '', 'constructor', '__proto__']) {
      expect(start().decide({ name })).toEqual({ level: 'metadata', written: 'outcome', failClosed: false });
    }
  });
});

describe('a record', () => {
  it('says what the event says, in the names of the data model', async () => {
    const record = await recordOf({
      name: 'bot.member.ban',
      action: 'BAN',
      outcome: 'failure',
      actor: { id: 'telegram:42', type: 'user', assurance: 'asserted' },
      target: { id: 'telegram:99' },
      source: { id: '203.0.113.7', type: 'ip' },
      reason: 'spam',
      trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
      attributes: {
        'bot.id': 'telegram:7',
        'bot.action.duration': 0.25,
        'bot.thread.id': undefined,
        'bot.chat.id': null,
      },
      body: { error_code: 400, at: new Date(0), nothing: null },
    });
    expect(record.eventName).toBe('bot.member.ban');
    expect(record.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(record.spanId).toBe('b7ad6b7169203331');
    expect(record.attributes).toMatchObject({
      'audit.actor.id': 'telegram:42',
      'audit.actor.type': 'user',
      'audit.action': 'BAN',
      'audit.outcome': 'failure',
      'audit.target.id': 'telegram:99',
      'audit.target.type': 'user',
      'audit.source.id': '203.0.113.7',
      'audit.source.type': 'ip',
      'audit.reason': 'spam',
      'bot.actor.assurance': 'asserted',
      'bot.id': 'telegram:7',
      'bot.action.duration': 0.25,
    });
    expect(record.attributes).not.toHaveProperty('bot.thread.id');
    expect(record.attributes).not.toHaveProperty('bot.chat.id');
    expect(record.body).toEqual({ error_code: 400, at: '1970-01-01T00:00:00.000Z' });
  });

  it('has no severity, no scope, no body without members, and no assurance that goes without saying', async () => {
    const { attributes } = await recordOf({
      body: { nothing: undefined },
      actor: { id: 'unknown', type: 'user', assurance: 'platform' },
    });
    const line = readFileSync(segmentsIn()[0] as string, 'utf8').split('\n')[1] as string;
    expect(Object.keys(JSON.parse(line))).toEqual(['Attributes', 'EventName', 'ObservedTimestamp', 'Timestamp']);
    expect(attributes).not.toHaveProperty('bot.actor.assurance');
  });

  it('has ids of a trace only where they are some', async () => {
    const { traceId, spanId } = await recordOf({ trace: { traceId: 'none', spanId: '0000000000000000' } });
    expect([traceId, spanId]).toEqual([undefined, undefined]);
  });

  it('keeps all of its attributes, however many they are', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`app.attribute.${index}`, index]));
    const { attributes } = await recordOf({ attributes: many });
    expect(attributes).toMatchObject(many);
  });

  it('keeps values of every kind, as plain ones', async () => {
    const circular: Record<string, unknown> = { name: 'x' };
    circular.self = circular;
    const { attributes } = await recordOf({
      attributes: {
        big: 12n,
        bytes: new Uint8Array([1, 2, 3]),
        date: new Date(0),
        error: new RangeError('too far'),
        nan: Number.NaN,
        half: 'a\ud800b',
        list: [1, null, { a: 1n }],
        circular,
        fn: () => 1,
        '': 'without a name',
        ['__proto__' as string]: 'own',
      },
    });
    expect(attributes).toMatchObject({
      big: 12,
      bytes: 'AQID',
      date: '1970-01-01T00:00:00.000Z',
      error: 'RangeError: too far',
      nan: 'NaN',
      half: 'a\ufffdb',
      list: [1, '', { a: 1 }],
      circular: { name: 'x', self: '[circular]' },
      '[empty]': 'without a name',
    });
    expect(attributes).not.toHaveProperty('fn');
  });

  it('takes what is not of the type that it should be', async () => {
    const { attributes, timestamp, observedTimestamp } = await recordOf({
      target: { id: 17 as unknown as string, type: null as unknown as string },
      reason: new Error('because') as unknown as string,
      timestamp: 'soon' as unknown as Date,
    });
    expect(attributes).toMatchObject({
      'audit.target.id': '17',
      'audit.target.type': 'message',
      'audit.reason': '"Error: because"',
    });
    expect(timestamp).toBe(observedTimestamp);
  });

  it('survives a getter that throws', async () => {
    const attributes = {
      'app.good': 1,
      get 'app.bad'(): string {
        throw new Error('no');
      },
    };
    expect((await recordOf({ attributes })).attributes).toMatchObject({ 'app.good': 1, 'app.bad': '[unreadable]' });
  });

  it('cannot be made to say what is the chain’s to say', async () => {
    const { attributes } = await recordOf({
      attributes: {
        'audit.sequence.end': true,
        'audit.sequence.number': 99,
        'audit.record.id': 'x',
        'audit.integrity.value': 'y',
      },
    });
    expect(attributes['audit.sequence.number']).toBe(2);
    expect(attributes).not.toHaveProperty('audit.sequence.end');
    expect(attributes).not.toHaveProperty('audit.integrity.value');
    expect(attributes['audit.record.id']).not.toBe('x');
  });

  it('is without secrets, at any depth, in keys and in values', async () => {
    const token = '123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0';
    const record = await recordOf({
      name: `event.${token}`,
      actor: { id: `telegram:${token}`, type: 'user' },
      target: { id: `https://api.telegram.org/bot${token}/getMe` },
      reason: token,
      attributes: {
        [token]: 1,
        deep: [{ [token]: [token] }],
        'app.password': 'hunter2',
        'app.has_token': true,
        api_key: { a: 1 },
      },
      body: { error: new Error(`failed: ${token}`), set: new Set([token]), settings: { token: 'abc', max_tokens: 5 } },
    });
    const text = JSON.stringify(record);
    expect(text).not.toMatch(/AAHdqTcv|hunter2|"abc"/);
    expect(record.attributes).toMatchObject({
      'app.password': '[removed:named_secret]',
      'app.has_token': true,
      api_key: '[removed:named_secret]',
    });
    expect(record.body).toMatchObject({ settings: { token: '[removed:named_secret]', max_tokens: 5 } });
  });

  it('is without what the endpoint is told in confidence', async () => {
    const secret = 'Bearer correct.horse.battery';
    const backend = start({
      OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=${encodeURIComponent(secret)}`,
      BOTAUDIT_EXIT_TIMEOUT_MS: '0',
    });
    backend.write(event({ attributes: { note: `sent correct.horse.battery` } }));
    await backend.shutdown();
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain('correct.horse');
    }
    expect(said.join()).not.toContain('correct.horse');
  });

  it('that is too long is cut, and says so', async () => {
    const { attributes } = await recordOf({ attributes: { text: 'ж'.repeat(500_000) } });
    expect(attributes.text).toHaveLength(1_024);
    expect(attributes['bot.truncated']).toMatchObject([{ name: 'text', length: 1_000_000 }]);
  });

  it.each<[string, Partial<AuditEvent>]>([
    ['name', { name: '' }],
    ['action', { action: '' }],
    ['outcome', { outcome: '' as 'success' }],
    ['actor.id', { actor: { id: '', type: 'user' } }],
    ['actor.id', { actor: undefined as unknown as AuditEvent['actor'] }],
    ['actor.type', { actor: { id: 'telegram:1', type: '' as 'user' } }],
  ])('that lacks %s is refused with an error that names it', (field, parts) => {
    const error = new InvalidEventError(parts.name ?? 'bot.message.send', field, 'is missing');
    expect(() => start().write(event(parts))).toThrow(error.message);
  });

  it('has times that never go back, and happened no later than it was seen', async () => {
    const backend = start();
    const early = new Date(Date.now() - 5_000);
    for (const timestamp of [undefined, early, new Date(Date.now() + 60_000), new Date(Number.NaN)]) {
      for (let index = 0; index < 50; index++) backend.write(event({ timestamp }));
    }
    await backend.shutdown();
    let last = 0n;
    for (const { timestamp, observedTimestamp } of onlyStreamIn(directory)) {
      expect(BigInt(timestamp)).toBeLessThanOrEqual(BigInt(observedTimestamp));
      expect(BigInt(observedTimestamp)).toBeGreaterThanOrEqual(last);
      last = BigInt(observedTimestamp);
    }
    expect(onlyStreamIn(directory)[60]?.timestamp).toBe(`${early.getTime()}000000`);
    // 200 records in a few milliseconds: they could not be told apart otherwise.
    expect(new Set(onlyStreamIn(directory).map(({ observedTimestamp }) => observedTimestamp)).size).toBeGreaterThan(
      100,
    );
  });
});

function segmentsIn(): string[] {
  const streams = join(directory, 'streams');
  return readdirSync(streams, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => join(streams, name));
}

describe('the stream', () => {
  it('sets no OpenTelemetry global, so that the application can set its own', async () => {
    const key = Symbol.for('opentelemetry.js.api.1');
    const before = (globalThis as Record<symbol, unknown>)[key];
    await recordOf({});
    expect((globalThis as Record<symbol, unknown>)[key]).toBe(before);
  });

  it('opens a moment after a framework is announced, and names frameworks and bots', async () => {
    const backend = start();
    backend.announceFramework({ name: 'grammy', version: '1.46.0', supported: true });
    backend.announceBot({ id: 'telegram:7', platform: 'telegram' });
    expect(readdirSync(directory)).toEqual([]);
    await until(() => readdirSync(directory).length > 0 && segmentsIn().length > 0);
    backend.announceBot({ id: 'telegram:7', platform: 'telegram', name: '@moderator_bot' });
    await backend.shutdown();
    const [opened, closed] = onlyStreamIn(directory);
    expect(opened?.attributes).toMatchObject({ 'audit.actor.id': 'service:moderator', 'audit.actor.type': 'system' });
    expect(opened?.body).toMatchObject({
      schema_version: 1,
      durability: 'process',
      directory: { kind: 'configured', path: directory },
      policy_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      frameworks: [{ name: 'grammy', version: '1.46.0', supported: true }],
      bots: [{ id: 'telegram:7', platform: 'telegram' }],
      resource: {
        'service.name': 'moderator',
        'process.pid': process.pid,
        'service.instance.id': readdirSync(join(directory, 'streams'))[0] as string,
      },
    });
    expect(Object.keys(opened?.body?.resource ?? {})).not.toContain('process.command_args');
    expect(closed?.body).toMatchObject({
      bots: [{ id: 'telegram:7', name: '@moderator_bot' }],
      records: 1,
      records_lost: 0,
    });
    expect(said).toEqual([
      `records go to ${directory}, the configured folder; they stay there, no endpoint is configured`,
    ]);
  });

  it.each([
    [{ OTEL_SERVICE_NAME: 'payments', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }, 'service:payments'],
    [{ OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }, 'service:other'],
    [{ OTEL_SERVICE_NAME: '' }, 'service:unknown_service:node'],
  ])('acts under the name of the service: %j', (env, actor) => {
    expect(start(env as Record<string, string>).self).toEqual({ id: actor, type: 'service' });
  });

  it('counts records by framework when it closes', async () => {
    const backend = start();
    backend.write(event({ attributes: { 'bot.framework': 'grammy' } }));
    backend.write(event({ attributes: { 'bot.framework': 'grammy' } }));
    backend.write(event({ name: 'payment.transfer' }));
    await backend.shutdown();
    expect(onlyStreamIn(directory).at(-1)?.body).toMatchObject({
      records: 4,
      records_by_framework: { grammy: 2, application: 1 },
    });
  });

  it('names the streams that ended before it, once, and those that are still written', async () => {
    const first = start();
    first.write(event());
    await first.shutdown();
    const second = start();
    second.write(event());
    const third = start();
    third.write(event());
    await third.shutdown();
    await second.shutdown();
    const opened = streamsIn(directory).map((records) => records[0]?.body ?? {});
    const closedFirst = streamsIn(directory)
      .map((records) => records.at(-1))
      .sort((a, b) => ((a?.timestamp ?? '') < (b?.timestamp ?? '') ? -1 : 1))[0];
    const id = closedFirst?.attributes['audit.sequence.stream_id'];
    const naming = opened.filter(({ ended_streams: ended }) => ended);
    expect(naming).toHaveLength(1);
    expect(naming[0]?.ended_streams).toEqual([
      { stream_id: id, number: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(opened.filter(({ live_streams: live }) => live)).toHaveLength(1);
  });

  it('takes nothing after it is closed, and says so', async () => {
    const backend = start();
    backend.write(event());
    await backend.shutdown();
    expect(() => backend.write(event())).toThrow(AuditUnavailableError);
    await backend.shutdown();
    expect(names(onlyStreamIn(directory))).toEqual(['audit.stream.opened', 'bot.message.send', 'audit.stream.closed']);
  });

  it('has a heartbeat', async () => {
    const backend = start({ BOTAUDIT_HEARTBEAT_INTERVAL_SECONDS: '1' });
    backend.write(event({ attributes: { 'bot.framework': 'grammy' } }));
    const beat = await until(() => onlyStreamIn(directory).find(({ eventName }) => eventName === 'audit.heartbeat'));
    expect(beat.body).toMatchObject({
      interval_seconds: 1,
      records: 2,
      records_by_framework: { grammy: 1 },
      records_lost: 0,
    });
  });

  it('says what its limits cost', async () => {
    const backend = start({ BOTAUDIT_MAX_BYTES: '1MiB', BOTAUDIT_SEGMENT_MAX_BYTES: '64KiB' });
    for (let index = 0; index < 30; index++) {
      for (let each = 0; each < 10; each++) backend.write(event({ attributes: { padding: 'x'.repeat(5_000) } }));
      await new Promise(setImmediate);
    }
    await backend.shutdown();
    const text = segmentsIn()
      .map((path) => readFileSync(path, 'utf8'))
      .join('');
    expect(text).toContain('"EventName":"audit.retention.applied"');
    expect(text).toContain('"key":"removed_through"');
  });
});

describe('a disk that is full', () => {
  let mounted = false;
  beforeEach(() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', directory], { stdio: 'ignore' });
      mounted = true;
    } catch {
      mounted = false; // Not allowed to here.
    }
  });
  afterEach(async () => {
    for (const backend of started.splice(0)) await backend.shutdown();
    if (mounted) execFileSync('umount', ['-l', directory]);
  });

  it('that stays full to the end has what was lost said, since it cannot be recorded', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    const backend = start();
    backend.write(event());
    let lost = 0;
    for (let index = 0; index < 100; index++) {
      try {
        backend.write(event({ attributes: { padding: 'x'.repeat(10_000) } }));
      } catch {
        lost++;
      }
    }
    expect(lost).toBeGreaterThan(10);
    await backend.shutdown();
    expect(said.at(-1)).toMatch(/^\d+ records were lost, which could not be put on record before the end$/);
  });

  it('costs records, which are counted, and are on the chain when there is room again', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    const filler = join(directory, 'filler');
    const backend = start();
    backend.write(event());
    writeFileSync(filler, Buffer.alloc(200_000));
    let lost = 0;
    for (let index = 0; index < 100; index++) {
      try {
        backend.write(event({ attributes: { padding: 'x'.repeat(10_000) } }));
      } catch (error) {
        expect(error).toBeInstanceOf(AuditUnavailableError);
        expect((error as Error).cause).toMatchObject({ code: 'ENOSPC' });
        lost++;
      }
    }
    expect(lost).toBeGreaterThan(10);
    rmSync(filler);
    await until(() => {
      try {
        return backend.write(event({ name: 'after.loss' }));
      } catch {
        lost++;
        return undefined;
      }
    });
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    const loss = records.findIndex(({ eventName }) => eventName === 'audit.records.lost');
    expect(names(records).slice(loss)).toEqual(['audit.records.lost', 'after.loss', 'audit.stream.closed']);
    expect(records[loss]?.body).toMatchObject({ records: lost, reasons: [{ reason: 'ENOSPC', records: lost }] });
    expect(records[loss]?.attributes['audit.outcome']).toBe('failure');
    expect(said.join('\n')).toContain('RECORDS ARE BEING LOST (ENOSPC)');
    const metrics = readFileSync(
      join(directory, 'streams', readdirSync(join(directory, 'streams'))[0] as string, 'metrics.json'),
      'utf8',
    );
    expect(metrics).toContain(`{"value":${lost},"labels":{"reason":"ENOSPC"}}`);
  });
});

describe('a folder that cannot be written', () => {
  it('never stops the bot: the next one is taken, and it is said and recorded', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const backend = start({ BOTAUDIT_DIR: join(file, 'journal') });
    backend.write(event());
    await backend.shutdown();
    const [opened] = onlyStreamIn(join(directory, '.botaudit'));
    expect(opened?.body).toMatchObject({
      directory: { kind: 'working-folder', problem: expect.stringContaining('cannot be written') },
    });
    expect(said[0]).toContain(`${join(file, 'journal')} cannot be written`);
  });
});

describe('the configuration', () => {
  it('that is wrong is on record when the bot runs on all the same', async () => {
    const backend = start({ BOTAUDIT_ON_ERROR: 'continue', BOTAUDIT_MAX_BYTES: 'lots' });
    backend.write(event());
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    expect(names(records)).toEqual([
      'audit.stream.opened',
      'audit.config.invalid',
      'bot.message.send',
      'audit.stream.closed',
    ]);
    expect(records[1]?.body).toEqual({ problems: [expect.stringContaining('BOTAUDIT_MAX_BYTES: wrong value "lots"')] });
    expect(said[0]).toContain('THE CONFIGURATION IS WRONG');
  });

  it('may switch auditing off, which is said', () => {
    const backend = start({ BOTAUDIT_DISABLED: '1' });
    backend.announceFramework({ name: 'grammy', version: '1', supported: true });
    expect(backend.decide({ name: 'bot.member.ban' })).toEqual({ level: 'none', written: 'never', failClosed: false });
    expect(backend.write(event())).toBeUndefined();
    expect(backend.hashArguments('x', {})).toBeUndefined();
    expect(said).toEqual(['auditing is switched off, nothing is recorded']);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('warns of a variable that means nothing', () => {
    start({ BOTAUDIT_DURABILTY: 'memory' });
    expect(said).toEqual(['BOTAUDIT_DURABILTY means nothing here; did you mean BOTAUDIT_DURABILITY?']);
  });
});

describe('the hash of arguments', () => {
  const args = { chat_id: -1001, user_id: 99, permissions: { can_send: false } };

  it('tells equal from different, whatever the order of members', () => {
    const backend = start();
    const hash = backend.hashArguments('banChatMember', args);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(
      backend.hashArguments('banChatMember', { permissions: { can_send: false }, user_id: 99, chat_id: -1001 }),
    ).toBe(hash);
    expect(backend.hashArguments('banChatMember', { ...args, user_id: 98 })).not.toBe(hash);
    expect(backend.hashArguments('unbanChatMember', args)).not.toBe(hash);
  });

  it('is the same for all processes of a folder, and another in another', () => {
    const hash = start().hashArguments('x', args);
    expect(start().hashArguments('x', args)).toBe(hash);
    expect(start({ BOTAUDIT_DIR: join(directory, 'other') }).hashArguments('x', args)).not.toBe(hash);
    expect(statSync(join(directory, 'arguments.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is made with a key for this run where the kept one is damaged, which is said', () => {
    writeFileSync(join(directory, 'arguments.key'), 'short');
    const backend = start();
    expect(backend.hashArguments('x', args)).toBe(backend.hashArguments('x', args));
    expect(said).toEqual([expect.stringContaining('arguments.key: is not a key')]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['bytes', Buffer.from('abc')],
    ['half a character', '\ud800'],
  ])('never throws: %s', (_, value) => {
    expect(start().hashArguments('\ud800', value)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, (file: string) => unknown]>([
    [
      'a cycle',
      (file) => {
        const a: unknown[] = [file];
        a.push(a);
        return a;
      },
    ],
    ['a member that throws', (file) => ({ file: { toJSON: () => raise(file) } })],
    ['too deep a nesting', (file) => Array.from({ length: 20 }).reduce((inner) => [inner], file)],
    ['too many values', (file) => [...new Array(70_000).fill(0), file]],
  ])('is none where different arguments could look alike: %s', (_, of) => {
    const backend = start();
    expect([of('a'), of('b')].map((each) => backend.hashArguments('sendDocument', each))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describe('measurements', () => {
  async function metricsOf(backend: Backend) {
    await backend.shutdown();
    const [stream] = readdirSync(join(directory, 'streams'));
    const { metrics } = JSON.parse(readFileSync(join(directory, 'streams', stream as string, 'metrics.json'), 'utf8'));
    return (name: string) =>
      (metrics as { name: string; values: { value: number; labels: object }[] }[]).find((each) => each.name === name)
        ?.values ?? [];
  }

  it('count events, but attempts not, and events of no catalogue as other', async () => {
    const backend = start();
    const attributes = { 'bot.id': 'telegram:7', 'bot.framework': 'grammy' };
    backend.write(
      event({
        name: 'bot.member.ban',
        action: 'BAN',
        outcome: 'unknown',
        attributes: { ...attributes, 'bot.action.stage': 'attempt' },
      }),
    );
    backend.write(
      event({ name: 'bot.member.ban', action: 'BAN', attributes: { ...attributes, 'bot.action.stage': 'outcome' } }),
    );
    backend.write(event({ name: 'payment.transfer', action: 'TRANSFER' }));
    const of = await metricsOf(backend);
    expect(of('audit_events_total')).toEqual([
      {
        value: 1,
        labels: { ...labels('telegram:7', 'grammy'), event: 'bot.member.ban', action: 'BAN', outcome: 'success' },
      },
      { value: 1, labels: { ...labels('', ''), event: 'other', action: 'TRANSFER', outcome: 'success' } },
    ]);
    expect(of('audit_records_emitted_total')).toEqual([{ value: 5, labels: {} }]);
    expect(of('audit_append_duration_seconds').at(-1)).toMatchObject({ value: 5 });
  });
  const labels = (id: string, framework: string) => ({ bot_id: id, framework });

  it('count errors of ours that were kept from the bot, which are said once', async () => {
    const backend = start();
    backend.write(event());
    for (let index = 0; index < 3; index++)
      backend.reportError('grammy', new TypeError('token 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0'));
    backend.announceFramework({ name: 'grammy', version: '2.0.0', supported: false });
    const of = await metricsOf(backend);
    expect(of('audit_instrumentation_errors_total')).toEqual([{ value: 3, labels: { source: 'grammy' } }]);
    expect(of('audit_instrumented_frameworks')).toEqual([
      { value: 1, labels: { framework: 'grammy', version: '2.0.0', supported: 'false' } },
    ]);
    expect(said.filter((line) => line.includes('kept from the bot'))).toHaveLength(1);
    expect(said.join()).not.toContain('AAHdqTcv');
    expect(said.join()).toContain('grammy 2.0.0 is not among the supported versions');
  });
});

it('keeps the journal from everybody else', async () => {
  await recordOf({});
  const modes = readdirSync(directory, { recursive: true, withFileTypes: true }).map((each) => {
    const { mode } = statSync(join(each.parentPath, each.name));
    return [each.isDirectory(), (mode & 0o777).toString(8)];
  });
  expect(new Set(modes.map(String))).toEqual(new Set(['true,700', 'false,600']));
  expect(recordsIn(join(directory, 'streams', readdirSync(join(directory, 'streams'))[0] as string))).toHaveLength(3);
});
