// Verifying what Elasticsearch holds, against a bare read of the same documents.
import { spawn } from 'node:child_process';
import { hash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type AttributeMap, type AuditRecord, Chain, parseRecord } from '@botaudit/record';
import type { Superuser } from '../../../scripts/stack/part.ts';
import { createApiKey } from '../../../scripts/stack/parts/elasticsearch-keys.ts';
import { fixture, runNode } from '../process.ts';
import type { Section } from '../report.ts';
import { ratios, showSpread, spread } from '../statistics.ts';
import { withParts } from './parts.ts';
import { deletions, RESOURCE } from './requests.ts';

const ROUNDS = 5;
const STREAMS = 8;
/** Of each stream. */
const RECORDS = 12_500;
const BULK = 2_000;

const BOTAUDIT = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
const stream = (namespace: string) => `logs-audit.otel-${namespace}`;

const milliseconds = (nanoseconds: string) => `${nanoseconds.slice(0, -6)}.${nanoseconds.slice(-6)}`;

/** The document of a record, as an indexer writes it. */
function documentOf(record: AuditRecord, namespace: string): string {
  const { eventName, timestamp, observedTimestamp, traceId, spanId, attributes } = record;
  return JSON.stringify({
    '@timestamp': milliseconds(timestamp),
    observed_timestamp: milliseconds(observedTimestamp),
    data_stream: { type: 'logs', dataset: 'audit.otel', namespace },
    event_name: eventName,
    trace_id: traceId,
    span_id: spanId,
    attributes,
    resource: { attributes: RESOURCE },
    event: { ingested: new Date().toISOString() },
    audit: { ingest: { principal: RESOURCE['service.name'] } },
  });
}

/** Lines of a bulk request for the records of one stream. */
function* bulkLines(count: number, namespace: string): Generator<string> {
  const chain = new Chain(randomUUID(), (line) => hash('sha256', line));
  for (const [index, { attributes, ...rest }] of deletions(count).entries()) {
    const end: AttributeMap = index === count - 1 ? { 'audit.sequence.end': true } : {};
    const line = chain.seal({ ...rest, attributes: { ...attributes, ...end } });
    chain.commit();
    yield `{"create":{"_id":"${hash('sha256', line)}"}}\n${documentOf(parseRecord(line), namespace)}\n`;
  }
}

async function store(elasticsearch: Superuser, namespace: string, records: number): Promise<void> {
  const put = async (lines: string[]) => {
    const answer = await fetch(`${elasticsearch.url}/${stream(namespace)}/_bulk`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        authorization: `Basic ${btoa(`${elasticsearch.username}:${elasticsearch.password}`)}`,
      },
      body: lines.join(''),
    });
    const { errors } = (await answer.json()) as { errors?: unknown };
    if (errors !== false) throw new Error('Elasticsearch did not take all documents');
  };
  let lines: string[] = [];
  for (let number = 0; number < STREAMS; number++) {
    for (const line of bulkLines(records, namespace)) {
      lines.push(line);
      if (lines.length < BULK) continue;
      await put(lines);
      lines = [];
    }
  }
  if (lines.length > 0) await put(lines);
  await elasticsearch.request('POST', `/${stream(namespace)}/_refresh`);
}

interface Usage {
  readonly seconds: number;
  readonly residentMiB: number;
}

/** Verifies in a process of its own. @throws when not all is found consistent. */
async function verify(url: string, apiKey: string, namespace: string): Promise<Usage> {
  const started = performance.now();
  const what = ['--elasticsearch', url, '--namespace', namespace];
  const args = ['--import', fixture('report-usage.mjs'), BOTAUDIT, 'verify', ...what];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, BOTAUDIT_ELASTICSEARCH_API_KEY: apiKey },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const [told, [code]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'close')]);
  if (code !== 0) throw new Error(`botaudit verify ended with ${code}`);
  return { ...JSON.parse(told), seconds: (performance.now() - started) / 1_000 };
}

export async function sinkVerification(): Promise<Section> {
  return withParts(['elasticsearch', 'indexer'], async ({ elasticsearch }) => {
    const apiKey = await createApiKey(elasticsearch, 'audit-auditor');
    const documents = STREAMS * RECORDS;
    await store(elasticsearch, 'large', RECORDS);
    await store(elasticsearch, 'small', RECORDS / 10);
    const bare = async () => {
      const started = performance.now();
      const args = [fixture('read-point-in-time.mjs'), elasticsearch.url, stream('large')];
      const { stdout } = await runNode(args, { KEY: apiKey });
      if (JSON.parse(stdout).documents !== documents) throw new Error(`the bare read gave ${stdout}`);
      return (performance.now() - started) / 1_000;
    };
    const rates = { bare: [] as number[], verified: [] as number[] };
    const resident = { large: [] as number[], small: [] as number[] };
    for (let round = -1; round < ROUNDS; round++) {
      const both = [
        async () => {
          const rate = documents / (await bare());
          if (round >= 0) rates.bare.push(rate);
        },
        async () => {
          const { seconds, residentMiB } = await verify(elasticsearch.url, apiKey, 'large');
          if (round < 0) return;
          rates.verified.push(documents / seconds);
          resident.large.push(residentMiB);
        },
      ];
      // Each comes first every other time.
      for (const one of round % 2 === 0 ? both : both.toReversed()) await one();
      const { residentMiB } = await verify(elasticsearch.url, apiKey, 'small');
      if (round >= 0) resident.small.push(residentMiB);
    }
    const ratio = ratios(rates.verified, rates.bare);
    const [large, small] = [spread(resident.large), spread(resident.small)];
    return {
      title: 'Verifying what Elasticsearch holds',
      method:
        `${documents.toLocaleString('en')} documents in ${STREAMS} streams in one Elasticsearch on this machine, ${ROUNDS} alternating pairs. Bare: a process ` +
        'that reads all of them at a point in time, 1,000 an answer, parses the answers, and does nothing else. Verified: ' +
        '`botaudit verify --elasticsearch` as it is by default. Both from the start of the process to its end. Memory is the ' +
        'resident set at most, beside that for a tenth of the documents.',
      columns: ['', 'documents/s', 'resident, MiB', 'of a tenth, MiB'],
      rows: [
        ['bare read', showSpread(spread(rates.bare), 0), '', ''],
        ['verified', showSpread(spread(rates.verified), 0), showSpread(large, 0), showSpread(small, 0)],
      ],
      goals: [
        { promise: 'documents/s ≥ 0.6 × bare', measured: `${showSpread(ratio)} ×`, met: ratio.median >= 0.6 },
        {
          promise: 'ten times the documents take no more than 1.5 × the memory',
          measured: `${(large.median / small.median).toFixed(2)} ×`,
          met: large.median <= 1.5 * small.median,
        },
      ],
    };
  });
}
