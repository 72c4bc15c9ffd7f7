import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { AuditRecord } from '@botaudit/record';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { ArchiveError, replayArchive } from '../src/index.js';
import { FakeElasticsearch } from './support/fake-elasticsearch.js';
import { jsonRequest } from './support/otlp.js';
import { auditRecord } from './support/records.js';

const RECORDS = 'logs-audit.otel-default';
const REJECTED = 'logs-audit.rejected-default';

let elasticsearch: FakeElasticsearch;
let folder: string;
beforeEach(async () => {
  elasticsearch = await FakeElasticsearch.start();
  folder = await temporaryFolder();
});

const lineOf = (...records: readonly AuditRecord[]) => JSON.stringify(jsonRequest(records, { 'service.name': 'a' }));

async function archive(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

/** Replays these files; returns the report and what was said. */
async function replay(files: readonly string[], signal = new AbortController().signal) {
  const said: string[] = [];
  const env = { BOTAUDIT_INDEXER_ELASTICSEARCH_URL: elasticsearch.url };
  const say = (line: string) => said.push(line);
  return { said, report: await replayArchive({ files, env, cwd: folder, signal, say }) };
}

test('each record of each file is stored, compressed or not, and doing it again changes nothing', async () => {
  const lines = Array.from({ length: 3 }, () => `${lineOf(auditRecord(), auditRecord())}\n`);
  const files = [
    await archive('audit.jsonl', `${lines[0]}\n${lines[0]}`),
    await archive('audit-1.jsonl.gz', gzipSync(lines[1] ?? '')),
    await archive('audit-2.jsonl.zst', zstdCompressSync((lines[2] ?? '').trimEnd())),
  ];
  const { report, said } = await replay(files);
  expect(report).toMatchObject({ files: 3, lines: 4, damaged: 0, records: { rejected: 0 }, complete: true });
  expect(report.records.stored + report.records.known).toBe(8);
  expect(said).toEqual([]);
  const stored = elasticsearch.stored(RECORDS);
  expect(stored.size).toBe(6);
  expect([...stored.values()].every((document) => document.includes('"archive"'))).toBe(true);

  const again = await replay(files);
  expect(again.report.records).toEqual({ stored: 0, known: 8, rejected: 0 });
  expect(elasticsearch.stored(RECORDS)).toEqual(stored);
});

test('half a line costs nothing but itself, and is kept with its reason', async () => {
  const [before, torn, appended, after] = Array.from({ length: 4 }, () => lineOf(auditRecord()));
  const half = torn?.slice(0, 300) ?? '';
  const { report, said } = await replay([await archive('a.jsonl', `${before}\n${half}${appended}\n${after}\n${half}`)]);
  expect(report).toMatchObject({ lines: 4, damaged: 2, records: { stored: 3, rejected: 2 }, complete: true });
  expect(said).toEqual([
    expect.stringMatching(/a\.jsonl:2 begins with half a line/),
    expect.stringMatching(/a\.jsonl:4 is no OTLP in JSON, or only a part of it/),
  ]);
  const rejected = [...elasticsearch.stored(REJECTED).values()].map((document) => JSON.parse(document).rejected);
  // The same half: one document.
  expect(rejected).toEqual([{ type: 'not_otlp', reason: expect.any(String), original: half }]);
});

test('bytes that are no text are kept as they came', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  const { report } = await replay([await archive('a.jsonl', bytes)]);
  expect(report).toMatchObject({ damaged: 1, records: { rejected: 1 } });
  const [document = '{}'] = elasticsearch.stored(REJECTED).values();
  expect(JSON.parse(document).rejected.original).toBe(bytes.toString('base64'));
});

test('Elasticsearch is waited for', async () => {
  elasticsearch.behaviour = (documents, request) =>
    request < 2 ? { status: 503, body: '{}' } : documents.map(() => ({ status: 201 }));
  const { report, said } = await replay([await archive('a.jsonl', lineOf(auditRecord()))]);
  expect(report).toMatchObject({ records: { stored: 1 }, complete: true });
  expect(said).toEqual([
    expect.stringContaining('Elasticsearch does not take records'),
    'Elasticsearch takes records again',
  ]);
});

test('whoever ends it is told that not all of it has its place', async () => {
  const ending = new AbortController();
  elasticsearch.behaviour = () => {
    ending.abort();
    return { status: 503, body: '{}' };
  };
  const { report } = await replay([await archive('a.jsonl', lineOf(auditRecord()))], ending.signal);
  expect(report).toMatchObject({ lines: 1, records: { stored: 0 }, complete: false });
});

test('a file that is not there is told before anything is written, one that is cut off after the rest was', async () => {
  const good = await archive('good.jsonl', lineOf(auditRecord()));
  const missing = replay([good, join(folder, 'missing.jsonl')]);
  await expect(missing).rejects.toThrow(ArchiveError);
  await expect(missing).rejects.toThrow(/missing\.jsonl can't be read: ENOENT/);
  expect(elasticsearch.stored(RECORDS).size).toBe(0);

  const cut = await archive('cut.jsonl.gz', gzipSync(lineOf(auditRecord())).subarray(0, -10));
  await expect(replay([good, cut])).rejects.toThrow(/cut\.jsonl\.gz can't be read to its end: unexpected end of file/);
  expect(elasticsearch.stored(RECORDS).size).toBe(1);
});
