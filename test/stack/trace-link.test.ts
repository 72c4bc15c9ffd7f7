import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/stack/ports.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { attribute, type OtlpLogRecord, readArchive } from './archive.ts';
import { AuditedBot } from './audited-bot.ts';
import { startCollector } from './collectors.ts';
import { compare } from './comparison.ts';
import { Group } from './group.ts';

/** OpenTelemetry's own distribution, as an application that traces starts it. */
const TRACING = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register');

/** A pipeline of traces, as a collector of an application has one, beside that of audit. */
const TRACES = `
receivers:
  otlp/traces:
    protocols:
      http:
        endpoint: \${env:TRACES_ENDPOINT}
exporters:
  file/traces:
    path: \${env:AUDIT_STATE_DIR}/traces.jsonl
service:
  pipelines:
    traces:
      receivers: [otlp/traces]
      exporters: [file/traces]
`;

const CLIENT = 3;
const CONSUMER = 5;

/** A span in OTLP's JSON form. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

/** A span, and who made it. */
interface Traced extends Span {
  readonly scope: string;
}

/** All spans that a collector has written to a file. */
async function readSpans(file: string): Promise<Traced[]> {
  const text = await readFile(file, 'utf8').catch(() => ''); // It comes into being with the first span.
  type Line = { resourceSpans: { scopeSpans: { scope: { name: string }; spans: Span[] }[] }[] };
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (JSON.parse(line) as Line).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ scope, spans }) => spans.map((span) => ({ ...span, scope: scope.name })));
}

/** A collector with both pipelines. */
async function startBoth() {
  const config = join(await temporaryFolder(), 'traces.yaml');
  await writeFile(config, TRACES);
  for (let attempt = 1; ; attempt++) {
    const [port] = await freePorts(1);
    const started = startCollector({ configs: [config], env: { TRACES_ENDPOINT: `127.0.0.1:${port}` } });
    try {
      const { collector, token } = await started;
      return { collector, token, traces: `http://127.0.0.1:${port}/v1/traces` };
    } catch (error) {
      // Somebody else was faster at the port.
      if (attempt === 3 || !String(error).includes('address already in use')) throw error;
    }
  }
}

const idOf = ({ traceId, spanId }: { readonly traceId?: string; readonly spanId?: string }) => `${traceId}/${spanId}`;

test('each record carries the ids of a span that reaches the pipeline of traces', async () => {
  const { collector, token, traces } = await startBoth();
  const group = await Group.open();
  const cwd = await temporaryFolder();
  const journal = join(cwd, 'journal');
  const bot = await AuditedBot.start(group, cwd, {
    BOTAUDIT_DIR: journal,
    OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
    NODE_OPTIONS: `--import=${TRACING}`,
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
  });
  await group.quarrels(3);
  await bot.stop();

  await eventually('the whole journal in the archive', async () => {
    const { missing } = await compare(journal, collector.archiveFolder);
    return missing.length === 0 || undefined;
  });
  const records = await readArchive(collector.archiveFolder);
  const linked = records.filter(({ traceId }) => traceId);
  // What the auditing says of itself, and when the bot began and ended, belongs to no trace.
  const others = records.filter(({ traceId }) => !traceId).map(({ eventName }) => eventName);
  expect(others.filter((name) => !/^(audit\.|bot\.(started|stopping|stopped)$)/.test(name ?? ''))).toEqual([]);

  const file = join(collector.archiveFolder, '../traces.jsonl');
  const spans = await eventually('the spans of all records', async () => {
    const found = new Map((await readSpans(file)).map((span) => [idOf(span), span]));
    return linked.every((record) => found.has(idOf(record))) ? found : undefined;
  });
  const spanOf = (record: OtlpLogRecord) => spans.get(idOf(record));

  // A call's record is that of a span of the call, around the request that an application's own instrumentation sees.
  const calls = linked.filter((record) => attribute(record, 'bot.api.method') !== undefined);
  expect(calls.length).toBeGreaterThan(20);
  for (const record of calls) {
    expect(spanOf(record)).toMatchObject({ kind: CLIENT, name: `telegram ${attribute(record, 'bot.api.method')}` });
    const inside = [...spans.values()].filter(({ parentSpanId }) => parentSpanId === record.spanId);
    expect(inside.map(({ scope }) => scope)).toContain('@opentelemetry/instrumentation-http');
  }
  // An update's record is that of the span in which it is handled; all that it led to is in that trace.
  const triggers = new Map(linked.map((record) => [attribute(record, 'audit.record.id'), record]));
  const caused = linked.filter((record) => attribute(record, 'bot.trigger.record_id') !== undefined);
  expect(caused.length).toBeGreaterThan(20);
  for (const record of caused) {
    const trigger = triggers.get(attribute(record, 'bot.trigger.record_id'));
    expect(trigger && spanOf(trigger)?.kind).toBe(CONSUMER);
    expect(record.traceId).toBe(trigger?.traceId);
  }
  console.log(
    `${linked.length} of ${records.length} records are linked to ${new Set(linked.map(idOf)).size} of ${spans.size} spans in ${new Set(linked.map(({ traceId }) => traceId)).size} traces`,
  );
});
