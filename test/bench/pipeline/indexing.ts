// Documents per second: bare bulk requests against the same records sent through the indexer.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { loadIndexerConfig, startIndexer } from '@botaudit/indexer';
import { jsonRequest } from '../../../packages/indexer/test/support/otlp.ts';
import { createApiKey } from '../../../scripts/stack/parts/elasticsearch-keys.ts';
import { bearer } from '../../stack/sending.ts';
import type { Section } from '../report.ts';
import { ratios, showSpread, spread } from '../statistics.ts';
import { type Parts, withParts } from './parts.ts';
import { post } from './posting.ts';
import { deletions, RESOURCE } from './requests.ts';

const ROUNDS = 7;
const REQUESTS = 40;
const RECORDS = 1_000;
/** Two collectors with as many consumers as they have by default. */
const SENDERS = 8;
/** What the indexer has by default. */
const BULK = { documents: 2_000, concurrency: 2 } as const;

const STREAM = 'logs-audit.otel-default';

/** Files with requests of OTLP in JSON. */
async function exportRequests(folder: string): Promise<string[]> {
  const files = Array.from({ length: REQUESTS }, (_, index) => join(folder, `export-${index}.json`));
  for (const file of files) await writeFile(file, JSON.stringify(jsonRequest(deletions(RECORDS), RESOURCE)));
  return files;
}

/** Lets an indexer write into memory: its lines, as it writes them, and the path that it posts them to. */
async function captured(files: readonly string[], folder: string): Promise<{ path: string; lines: string[] }> {
  const lines: string[] = [];
  let path = '';
  const server = createServer(async (request, response) => {
    const body = await text(request);
    let answer: object = { index: { mappings: { _meta: { botaudit: {} } } } };
    if (request.method === 'POST') {
      path = request.url ?? '';
      const posted = body.trimEnd().split('\n');
      for (const line of posted) lines.push(line);
      const items = Array.from({ length: posted.length / 2 }, () => ({ create: { status: 201 } }));
      answer = { errors: false, items };
    }
    response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = {
    BOTAUDIT_INDEXER_ELASTICSEARCH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    BOTAUDIT_INDEXER_LISTEN: '127.0.0.1:0',
    BOTAUDIT_INDEXER_METRICS: 'off',
    BOTAUDIT_INDEXER_TOKENS: 'collector=token-of-the-collector',
    BOTAUDIT_INDEXER_SERVICES: 'collector=*',
  };
  const indexer = await startIndexer(loadIndexerConfig({ env, cwd: folder }), console.error);
  const headers = { 'content-type': 'application/json', ...bearer('token-of-the-collector') };
  await post({ url: indexer.url ?? '', headers, files, connections: 2 });
  await indexer.stop();
  server.close();
  server.closeAllConnections();
  return { path, lines };
}

/** Files with bulk requests of other records of the same kind, line for line as an indexer writes them. */
async function bulkRequests(folder: string): Promise<{ path: string; files: string[]; bytes: number }> {
  const { path, lines } = await captured(await exportRequests(folder), folder);
  const files: string[] = [];
  for (let from = 0; from < lines.length; from += 2 * BULK.documents) {
    const file = join(folder, `bulk-${files.length}.ndjson`);
    await writeFile(file, `${lines.slice(from, from + 2 * BULK.documents).join('\n')}\n`);
    files.push(file);
  }
  const documents = lines.filter((_, index) => index % 2 === 1);
  return { path, files, bytes: documents.reduce((sum, line) => sum + line.length, 0) / documents.length };
}

async function stored({ elasticsearch }: Parts): Promise<number> {
  await elasticsearch.request('POST', `/${STREAM}/_flush`);
  await elasticsearch.request('POST', `/${STREAM}/_refresh`);
  const answer = await elasticsearch.request('GET', `/${STREAM}/_count`);
  return ((await answer.json()) as { count: number }).count;
}

export async function indexing(): Promise<Section> {
  return withParts(['elasticsearch', 'indexer'], async (parts) => {
    const { elasticsearch } = parts;
    const { url = '', token = '' } = parts.part('indexer').nextHop ?? {};
    const apiKey = await createApiKey(elasticsearch, 'audit-writer');
    const rates = { bare: [] as number[], indexer: [] as number[] };
    let size = 0;
    for (let round = -1; round < ROUNDS; round++) {
      const folder = join(parts.folder, `round-${round}`);
      await mkdir(folder);
      const bulk = await bulkRequests(folder);
      const files = await exportRequests(folder);
      size = bulk.bytes;
      const bare = () =>
        post({
          url: `${elasticsearch.url}${bulk.path}`,
          headers: { 'content-type': 'application/x-ndjson', authorization: `ApiKey ${apiKey}` },
          files: bulk.files,
          connections: BULK.concurrency,
        });
      const throughIndexer = () =>
        post({ url, headers: { 'content-type': 'application/json', ...bearer(token) }, files, connections: SENDERS });
      const ways = { bare, indexer: throughIndexer };
      // Each comes first every other time.
      for (const way of round % 2 === 0 ? (['bare', 'indexer'] as const) : (['indexer', 'bare'] as const)) {
        const before = await stored(parts);
        const { milliseconds } = await ways[way]();
        const count = (await stored(parts)) - before;
        if (count !== REQUESTS * RECORDS) throw new Error(`${count} of ${REQUESTS * RECORDS} documents are there`);
        if (round >= 0) rates[way].push((count / milliseconds) * 1_000);
      }
      await rm(folder, { recursive: true });
    }
    const ratio = ratios(rates.indexer, rates.bare);
    return {
      title: 'Indexing',
      method:
        `${(REQUESTS * RECORDS).toLocaleString('en')} documents of ${Math.round(size)} bytes a time into one Elasticsearch, ${ROUNDS} ` +
        'alternating pairs, all on this machine, so that each takes processor time from Elasticsearch. Bare: the very lines that ' +
        `the indexer writes, ${BULK.documents.toLocaleString('en')} documents a request, ${BULK.concurrency} requests at a time. ` +
        `Indexer: \`botaudit index\`, which is sent OTLP in JSON, ${RECORDS.toLocaleString('en')} records a request, ${SENDERS} at a time.`,
      columns: ['', 'documents/s'],
      rows: [
        ['bare `_bulk` requests', showSpread(spread(rates.bare), 0)],
        ['through the indexer', showSpread(spread(rates.indexer), 0)],
      ],
      goals: [{ promise: 'documents/s ≥ 0.85 × bare', measured: `${showSpread(ratio)} ×`, met: ratio.median >= 0.85 }],
    };
  });
}
