import { once } from 'node:events';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BotRun, fixture, REGISTER, runToEnd } from './support/bot-run.ts';
import { type PlainRecord, readRecords } from './support/records.ts';

const OTEL = import.meta.resolve('@opentelemetry/auto-instrumentations-node/register');

/** Spans are printed by OpenTelemetry's own SDK; nothing of it sees MCP, nor what MCP is carried over. */
const TRACING = {
  OTEL_TRACES_EXPORTER: 'console',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'dns',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
};

interface PrintedSpan {
  readonly name: string | undefined;
  readonly trace: string | undefined;
  readonly id: string | undefined;
  readonly parent: string | undefined;
  /** Of OpenTelemetry's `SpanKind`. */
  readonly kind: string | undefined;
}

/** The spans of what is audited that a process has printed. */
function spansIn(stdout: string): PrintedSpan[] {
  const blocks = stdout.split(/^\{$/m).slice(1);
  const spans = blocks.map((block) => ({
    name: /^ {2}name: '([^']*)'/m.exec(block)?.[1],
    trace: /^ {2}traceId: '(\w{32})'/m.exec(block)?.[1],
    id: /^ {2}id: '(\w{16})'/m.exec(block)?.[1],
    parent: /^ {2}parentSpanContext: \{[^}]*spanId: '(\w{16})'/m.exec(block)?.[1],
    kind: /^ {2}kind: (\d)/m.exec(block)?.[1],
  }));
  return spans.filter(({ name }) => name?.startsWith('mcp '));
}

/** Where the ends of requests stand in traces, as one side recorded them. */
const recordedBy = (records: readonly PlainRecord[], role: string): string[] =>
  records
    .filter(({ attributes: of }) => of['mcp.role'] === role && of['bot.action.stage'] !== 'attempt')
    .map(({ traceId, spanId }) => `${traceId} ${spanId}`)
    .toSorted();

const printed = (spans: readonly PrintedSpan[]): string[] => spans.map(({ trace, id }) => `${trace} ${id}`).toSorted();

const ORDERS = [
  ['before', [REGISTER, OTEL]],
  ['after', [OTEL, REGISTER]],
] as const;

test.for(ORDERS.flatMap(([order, flags]) => ['mjs', 'cjs'].map((system) => [order, system, flags] as const)))(
  'with the flag %s OpenTelemetry’s own, both sides of a request (.%s) are spans of one trace, exported by the applications',
  async ([, system, flags]) => {
    const nodeOptions = flags.flatMap((flag) => ['--import', flag]);
    const options = { nodeOptions, directory: `${await temporaryFolder()}/journal`, env: TRACING };
    const server = await BotRun.start(fixture(`mcp/server.${system}`), { ...options, args: ['http'] });
    await server.while(once(server.child.stdout as NodeJS.ReadableStream, 'data'));
    const address = `http://127.0.0.1:${server.stdout.trim()}/`;
    const client = await runToEnd(fixture(`mcp/client.${system}`), { ...options, args: [address, 'of-alice'] });
    expect(client.exit.code).toBe(0);
    await server.end('SIGTERM');

    const [sent, served] = [spansIn(client.stdout), spansIn(server.stdout)];
    expect(sent.filter(({ name }) => name === 'mcp tools/call').length).toBeGreaterThan(3);
    expect(new Set(sent.map(({ kind, parent }) => `${kind} ${parent}`))).toEqual(new Set(['2 undefined']));
    expect(new Set(served.map(({ kind }) => kind))).toEqual(new Set(['1']));
    const childOf = (span: PrintedSpan) =>
      served.filter(({ parent, trace }) => parent === span.id && trace === span.trace);
    for (const span of sent) expect(childOf(span).map(({ name }) => name)).toEqual([span.name]);
    expect(served).toHaveLength(sent.length);

    const records = await readRecords(options.directory);
    expect(recordedBy(records, 'client')).toEqual(printed(sent));
    expect(recordedBy(records, 'server')).toEqual(printed(served));
  },
);
