import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditUnavailableError } from '@botaudit/api';
import { describe, expect, it } from 'vitest';
import { names, onlyStreamIn, streamsIn } from './journal-of.js';
import { directory, event, recordOf, said, segmentsIn, start, until } from './running-backend.js';

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
      expect.stringMatching(/^made a key to sign checkpoints, /),
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
