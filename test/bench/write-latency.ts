// From the call to a durable, chained line on disk: ours against the same thing written by hand with no features, against
// a bare write, and against OpenTelemetry's stock batch processor, which only queues.
import { hash, randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '@botaudit/api';
import { startBackend } from '@botaudit/sdk';
import { BatchLogRecordProcessor, InMemoryLogRecordExporter, LoggerProvider } from '@opentelemetry/sdk-logs';
import canonicalize from 'canonicalize';
import type { Section } from './report.ts';
import { quantile, ratios, showSpread, sorted, spread } from './statistics.ts';

const ROUNDS = 25;
const CALLS = 2_000;

/** The attributes of a ban: with record id and the chain's own there are 12 of the event's in the line. */
const ATTRIBUTES: Record<string, string | number> = {
  'bot.id': 'telegram:7',
  'bot.platform': 'telegram',
  'bot.framework': 'grammy',
  'bot.chat.id': 'telegram:-100123456789',
  'bot.chat.type': 'supergroup',
  'bot.api.method': 'deleteMessage',
  'bot.action.duration': 0.0421,
};
const TRACE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const EVENT: AuditEvent = {
  name: 'bot.message.delete',
  action: 'DELETE',
  outcome: 'success',
  actor: { id: 'telegram:42', type: 'user' },
  target: { id: 'telegram:-100123456789/17', type: 'message' },
  attributes: ATTRIBUTES,
  trace: TRACE,
};

interface Contender {
  readonly name: string;
  call(): void;
  end(): Promise<void> | void;
}

/** The least that makes a durable, chained line: canonical form by a kept library, one hash, one write. */
function floor(folder: string): Contender {
  const file = openSync(join(folder, 'floor.ndjson'), 'a', 0o600);
  const stream = randomUUID();
  let number = 0;
  let previous = '';
  return {
    name: 'floor, by hand',
    call() {
      const attributes: Record<string, object> = {
        'audit.record.id': { stringValue: randomUUID() },
        'audit.actor.id': { stringValue: EVENT.actor.id },
        'audit.actor.type': { stringValue: EVENT.actor.type },
        'audit.action': { stringValue: EVENT.action },
        'audit.outcome': { stringValue: EVENT.outcome },
        'audit.target.id': { stringValue: EVENT.target?.id },
        'audit.target.type': { stringValue: EVENT.target?.type },
        'audit.sequence.stream_id': { stringValue: stream },
        'audit.sequence.number': { intValue: ++number },
        'audit.sequence.previous_hash': { stringValue: previous },
      };
      for (const [key, value] of Object.entries(ATTRIBUTES)) {
        attributes[key] = typeof value === 'string' ? { stringValue: value } : { doubleValue: value };
      }
      const now = `${Date.now()}000000`;
      const line = canonicalize({
        Attributes: attributes,
        EventName: EVENT.name,
        ObservedTimestamp: now,
        SpanId: TRACE.spanId,
        Timestamp: now,
        TraceId: TRACE.traceId,
      });
      previous = hash('sha256', line ?? '');
      writeSync(file, `${line}\n`);
    },
    end: () => closeSync(file),
  };
}

function bareWrite(folder: string): Contender {
  const file = openSync(join(folder, 'bare.ndjson'), 'a', 0o600);
  const line = `${'x'.repeat(1_000)}\n`;
  return {
    name: 'bare `writeSync` of 1 kB',
    call: () => void writeSync(file, line),
    end: () => closeSync(file),
  };
}

function stock(): Contender {
  const provider = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter: new InMemoryLogRecordExporter(), maxQueueSize: 2_048 })],
  });
  const logger = provider.getLogger('bench');
  const attributes = {
    ...ATTRIBUTES,
    'audit.actor.id': 'telegram:42',
    'audit.action': 'DELETE',
    'audit.outcome': 'success',
  };
  return {
    name: 'stock `BatchLogRecordProcessor` (queues only: nothing is durable)',
    call: () => logger.emit({ eventName: EVENT.name, attributes }),
    end: () => provider.shutdown(),
  };
}

function botaudit(folder: string, durability: 'process' | 'power'): Contender {
  const backend = startBackend({
    env: { BOTAUDIT_DIR: join(folder, durability), BOTAUDIT_METRICS: 'off', BOTAUDIT_DURABILITY: durability },
    cwd: folder,
  });
  return {
    name: `BotAudit \`write\`${durability === 'process' ? '' : `, durability \`${durability}\``}`,
    call: () => void backend.write(EVENT),
    end: () => backend.shutdown(),
  };
}

export async function writeLatency(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'botaudit-bench-'));
  const contenders = [
    floor(folder),
    botaudit(folder, 'process'),
    bareWrite(folder),
    stock(),
    botaudit(folder, 'power'),
  ];
  const p50 = new Map<string, number[]>();
  const p99 = new Map<string, number[]>();
  try {
    const samples = new Float64Array(CALLS);
    for (let round = -3; round < ROUNDS; round++) {
      for (const { name, call } of contenders) {
        for (let index = 0; index < CALLS; index++) {
          const started = process.hrtime.bigint();
          call();
          samples[index] = Number(process.hrtime.bigint() - started) / 1_000;
        }
        if (round < 0) continue;
        const ordered = sorted(samples);
        p50.set(name, [...(p50.get(name) ?? []), quantile(ordered, 0.5)]);
        p99.set(name, [...(p99.get(name) ?? []), quantile(ordered, 0.99)]);
      }
      await new Promise(setImmediate);
    }
  } finally {
    for (const { end } of contenders) await end();
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (map: Map<string, number[]>, index: number) => map.get(contenders[index]?.name ?? '') ?? [];
  const r50 = ratios(of(p50, 1), of(p50, 0));
  const r99 = ratios(of(p99, 1), of(p99, 0));
  const power = ratios(of(p99, 4), of(p99, 1));
  return {
    title: 'From the call to a durable, chained line',
    method:
      `${ROUNDS} rounds of ${CALLS} calls each, all in one process, taking turns; microseconds, as the median of the rounds ` +
      'with the least and the greatest. The floor does by hand, with the `canonicalize` package, `crypto.hash` and ' +
      '`writeSync`, the least that makes the same line, without any feature.',
    columns: ['', 'p50 µs', 'p99 µs', 'p50 against the floor', 'p99 against the floor'],
    rows: contenders.map(({ name }, index) => [
      name,
      showSpread(spread(of(p50, index)), 1),
      showSpread(spread(of(p99, index)), 1),
      index === 0 ? '1' : `${showSpread(ratios(of(p50, index), of(p50, 0)))} ×`,
      index === 0 ? '1' : `${showSpread(ratios(of(p99, index), of(p99, 0)))} ×`,
    ]),
    goals: [
      { promise: 'p50 of `write` ≤ 1.5 × the floor', measured: `${showSpread(r50)} ×`, met: r50.median <= 1.5 },
      { promise: 'p99 of `write` ≤ 3 × the floor', measured: `${showSpread(r99)} ×`, met: r99.median <= 3 },
      {
        promise: 'durability `power` adds nothing to the p99 of `write` (≤ 1.1 × that of `process`)',
        measured: `${showSpread(power)} ×`,
        met: power.median <= 1.1,
      },
    ],
  };
}
