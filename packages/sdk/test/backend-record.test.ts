import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditEvent, InvalidEventError } from '@botaudit/api';
import { CATALOGUE } from '@botaudit/record';
import { describe, expect, it } from 'vitest';
import { onlyStreamIn } from './journal-of.js';
import { directory, event, recordOf, said, segmentsIn, start } from './running-backend.js';

describe('what is written of an event, and when', () => {
  it('is as the catalogue says', () => {
    const backend = start();
    for (const [name, { written }] of Object.entries(CATALOGUE)) {
      expect(backend.decide({ name })).toMatchObject({ level: 'metadata', written, failClosed: false });
    }
  });

  it('is the outcome, of an event that the catalogue does not know', () => {
    for (const name of ['payment.transfer', '', 'constructor', '__proto__']) {
      expect(start().decide({ name })).toMatchObject({ level: 'metadata', written: 'outcome', failClosed: false });
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
