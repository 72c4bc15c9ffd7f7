import { hash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkElasticsearch, type ElasticsearchCheckOptions } from '../src/sink/check-elasticsearch.js';
import { documentOf, SearchServer } from './support/search-server.js';
import { TestJournal, type TestStream } from './support/test-journal.js';

let journal: TestJournal;
let server: SearchServer;
beforeEach(async () => {
  journal = new TestJournal();
  server = await SearchServer.listen();
});
afterEach(() => {
  server.close();
  journal.remove();
});

const check = (options: Partial<ElasticsearchCheckOptions> = {}) =>
  checkElasticsearch({
    url: server.url,
    env: {},
    namespace: '*',
    jobs: 2,
    graceMs: 0,
    publicKeys: [],
    ...options,
  });

/** Findings that are errors, each as a line. */
async function errors(options: Partial<ElasticsearchCheckOptions> = {}): Promise<string[]> {
  const { findings, intact } = await check(options);
  const found = findings.filter(({ severity }) => severity === 'error');
  expect(intact).toBe(found.length === 0);
  return found.map(({ stream, kind, message }) => `${stream === stored?.id ? 'it' : stream} ${kind}: ${message}`);
}

let stored: TestStream;

/** A stream of so many commands, all of it in Elasticsearch. */
function storeStream(commands = 8): TestStream {
  stored = journal.closed(...Array.from({ length: commands }, () => ({})));
  server.store(stored.lines);
  return stored;
}

test('all records of all streams, in whatever order Elasticsearch has them, are verified, and counted', async () => {
  const streams = [storeStream(3), storeStream(2_500), storeStream(0), storeStream(999)];
  server.documents.reverse();
  const report = await check();
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ intact: true, signed: false, streams: 4 });
  const records = streams.reduce((sum, { lines }) => sum + lines.length, 0);
  expect(report.records).toBe(records);
  expect(report.sink).toEqual({
    documents: records,
    twice: 0,
    rejected: 0,
    inFlight: 0,
    missing: 0,
    senders: [{ principal: 'test', services: ['test'] }],
  });
  // What was opened is let go of.
  expect(server.asked.at(-1)).toBe('DELETE /_pit');
});

test('large records are asked for in portions that fit into memory', async () => {
  const stream = journal.closed(...Array.from({ length: 160 }, () => ({ body: { text: 'x'.repeat(250_000) } })));
  server.store(stream.lines);
  const sizes: number[] = [];
  server.lie = (answer, _path, { size }) => {
    if (size > 0) sizes.push(size);
    return answer;
  };
  expect(await check()).toMatchObject({ intact: true, records: 162 });
  expect(Math.min(...sizes)).toBeLessThan(162);
});

describe('what somebody did to the index is found, and named', () => {
  test('a document that was deleted', async () => {
    const { id } = storeStream();
    server.remove(server.find(id, 5));
    expect(await errors()).toEqual(['it removed: record 5: missing']);
    expect((await check()).sink.missing).toBe(1);
  });

  test('a field that was edited, under the old id or under a new one', async () => {
    const { id } = storeStream();
    const document = server.find(id, 5);
    (document._source.attributes ?? {})['audit.actor.id'] = 'telegram:666';
    expect(await errors()).toEqual([
      'it changed: record 5: not the record that record 6 was chained to',
      expect.stringMatching(
        /^it document: record 5: document [0-9a-f]{64} of \S+ does not hold the record that its id says/,
      ),
    ]);
    document._id = hash('sha256', 'a new one');
    expect(await errors()).toHaveLength(2);
    // Even under the id that fits, it is not what the next record names.
    const { _source } = document;
    const record = parseRecord(stored.lines[4]!);
    record.attributes['audit.actor.id'] = 'telegram:666';
    document._id = hash('sha256', canonicalRecord(record));
    document._source = _source;
    expect(await errors()).toEqual(['it changed: record 5: not the record that record 6 was chained to']);
  });

  test('a field that no record has, or has in another form', async () => {
    const { id } = storeStream();
    const document = server.find(id, 5);
    document._source['@timestamp'] = '2026-11-24T09:00:00Z';
    expect(await errors()).toEqual([
      expect.stringMatching(/malformed: a line is not a record: the document has no @timestamp/),
      expect.stringMatching(/^documents of no stream document: document /),
    ]);
  });

  test('a forged record that was put in', async () => {
    const { lines } = storeStream();
    const forged = parseRecord(lines[4]!);
    forged.attributes['audit.actor.id'] = 'telegram:666';
    forged.attributes['audit.record.id'] = randomUUID();
    server.store([canonicalRecord(forged)]);
    expect(await errors()).toEqual(['it added: record 5: not part of the chain']);
  });

  test('a forged record without a place in a chain', async () => {
    const { lines } = storeStream();
    const forged = parseRecord(lines[4]!);
    delete forged.attributes['audit.sequence.number'];
    server.store([canonicalRecord(forged)]);
    expect(await errors()).toEqual([
      expect.stringMatching(/ malformed: a line is not a record: audit\.sequence\.number/),
    ]);
  });

  test('an old record that was played again, under another id or in another index', async () => {
    const { id, lines } = storeStream();
    server.documents.push({ ...documentOf(lines[4]!), _id: 'again' });
    expect(await errors()).toEqual([
      expect.stringMatching(/^it document: record 5: document again of \S+ does not hold the record that its id says/),
      'it document: record 5: stands twice, once under an id that is not its own: put there again by another than the indexer',
    ]);
    server.documents.pop();
    const index = '.ds-logs-audit.otel-default-2026.11.24-000002';
    server.store([lines[4]!], { index, at: Date.now() + 2 * 3_600_000 });
    const [first = '', ...others] = await errors();
    expect(first).toMatch(
      /^it document: record 5: stands twice, in \S+ and \S+, and came again after 120 minutes: replayed$/,
    );
    expect(others).toEqual([]);
    // Sent again, as whoever does not know whether it came does: a notice.
    server.find(id, 5);
    server.documents.pop();
    server.store([lines[4]!], { index });
    const report = await check();
    expect(report.intact).toBe(true);
    expect(report.sink.twice).toBe(1);
    expect(report.findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^record 5: stands twice, in .*: sent again when/),
    ]);
  });

  test('an index that was dropped, by its number and by what was in it', async () => {
    const [first, second, third] = [storeStream(), storeStream(), journal.open()];
    const index = (number: number) => `.ds-logs-audit.otel-default-2026.11.24-00000${number}`;
    third.write({});
    third.close();
    for (const document of server.documents) document._index = index(1);
    server.store(third.lines, { index: index(3) });
    expect(await errors()).toEqual([
      'logs-audit.otel-default document: backing index 2 is gone, and later ones are there: it was removed by somebody',
    ]);
    expect([first, second].every(({ lines }) => lines.length === 10)).toBe(true);
  });

  test('a record in another’s name', async () => {
    storeStream();
    server.store(journal.closed({}).lines, { principal: 'till' });
    const { findings } = await check();
    expect(findings).toEqual([
      {
        stream: 'senders',
        kind: 'principal',
        severity: 'notice',
        message: 'till wrote in the name of test; who may do that, --services says',
      },
    ]);
    expect(await errors({ services: ['test=test', 'till=till-*'] })).toEqual([
      expect.stringMatching(
        /^\S+ principal: records 1 to 3: came with the credential of till, in the name of service test$/,
      ),
    ]);
    expect(await errors({ services: ['till=test'] })).toEqual([]);
  });

  test('a record that says another service, host or sender than its stream', async () => {
    const { id } = storeStream();
    server.find(id, 5)._source.resource = { attributes: { 'service.name': 'other', 'host.name': 'test' } };
    server.find(id, 6)._source.resource = { attributes: { 'service.name': 'test', 'host.name': 'other' } };
    server.find(id, 7)._source.audit = { ingest: { principal: 'other' } };
    expect(await errors()).toEqual([
      'it principal: record 5: service.name is other, that of its stream is test',
      'it principal: record 6: host.name is other, that of its stream is test',
      'it principal: record 7: came with the credential of other, its stream with test',
    ]);
  });

  test('a stream whose documents all say another service than the record that opened it', async () => {
    const stream = journal.open(undefined, { body: { resource: { 'service.name': 'payments' } } });
    stream.close();
    server.store(stream.lines);
    expect(await errors()).toEqual([
      expect.stringMatching(/ principal: record 1: its document says service\.name test, the record itself payments$/),
    ]);
  });

  test('a time of ingest that is missing, or in the future', async () => {
    const { id } = storeStream();
    delete server.find(id, 4)._source.event;
    server.find(id, 5)._source.event = { ingested: new Date(Date.now() + 3_600_000).toISOString() };
    expect(await errors()).toEqual([
      'it ingest: record 4: does not say when it came (event.ingested)',
      'it ingest: record 5: came in the future, by event.ingested',
    ]);
  });
});

describe('what is not there', () => {
  test('but stands with the rejected ones is told where it is, and is no hole', async () => {
    const { id, lines } = storeStream();
    server.remove(server.find(id, 5));
    server.reject(lines[4]!);
    server.reject('{"not":"a record"}');
    const report = await check();
    expect(report.intact).toBe(true);
    expect(report.findings.map(({ kind, severity, message }) => [kind, severity, message])).toEqual([
      ['rejected', 'notice', '1 of what stands there is no record of a stream'],
      [
        'rejected',
        'notice',
        'record 5: stands with the rejected ones (mapper_parsing_exception), where searches do not find it',
      ],
    ]);
    expect(report.sink).toMatchObject({ rejected: 1, missing: 0 });
    // A copy that was tampered with fills no hole.
    server.rejected[0]!._id = 'other';
    expect(await errors()).toEqual([expect.stringMatching(/^the rejected records document: document other of /)]);
  });

  test('a whole stream of them that another one names', async () => {
    const lost = journal.closed({}, {});
    const ended_streams = [{ stream_id: lost.id, number: 4, hash: hash('sha256', lost.lines[3]!) }];
    const stream = journal.open(undefined, { body: { ended_streams } });
    stream.close();
    server.store(stream.lines);
    expect(await errors()).toEqual([
      `${lost.id} removed: records 1 to 4: missing, and with it the whole stream, which stream ${stream.id} names`,
    ]);
    expect((await check()).sink.missing).toBe(4);
    for (const line of lost.lines) server.reject(line);
    expect(await errors()).toEqual([]);
  });

  test('yet, since what follows has only just come, is not taken for missing; later it is', async () => {
    const { id } = storeStream();
    server.remove(server.find(id, 5));
    const minutes = (ago: number) => ({ ingested: new Date(Date.now() - ago * 60_000).toISOString() });
    for (const number of [1, 2, 3, 4]) server.find(id, number)._source.event = minutes(30);
    const { intact, findings, sink } = await check({ graceMs: 5 * 60_000 });
    expect([intact, sink.inFlight, sink.missing]).toEqual([true, 5, 0]);
    expect(findings.map(({ kind, number }) => `${kind} ${number}`)).toEqual(['not_closed 4', 'in_flight 5']);
    for (const number of [6, 7, 8, 9, 10]) server.find(id, number)._source.event = minutes(6);
    expect(await errors({ graceMs: 5 * 60_000 })).toEqual(['it removed: record 5: missing']);
    // One that came in time is enough for those before it to be late.
    for (const number of [6, 7, 9, 10]) server.find(id, number)._source.event = minutes(1);
    expect(await errors({ graceMs: 5 * 60_000 })).toEqual(['it removed: record 5: missing']);
  });

  test('since the sink keeps records for so long only, is a notice; younger ones must be there', async () => {
    const { id } = storeStream();
    for (const number of [1, 2, 3]) server.remove(server.find(id, number));
    expect(await errors()).toEqual(['it removed: records 1 to 3: missing']);
    const day = 24 * 3_600_000;
    const age = Date.now() - Date.parse('2026-11-24T09:00:00Z');
    const { intact, findings } = await check({ retentionMs: Math.max(1, age) });
    expect(intact).toBe(true);
    expect(findings[0]?.message).toMatch(/^records 1 to 3: pruned up to record 3 by retention, that of the sink/);
    expect(await errors({ retentionMs: age + 3 * day })).toEqual(['it removed: records 1 to 3: missing']);
  });

  test('since the journal has pruned it, has to be at the sink all the same', async () => {
    const gone = journal.closed({}, {}, {});
    const removed_through = [{ stream_id: gone.id, number: 3, hash: hash('sha256', gone.lines[2]!) }];
    const segments = (acknowledged: boolean) => [{ stream_id: gone.id, first_number: 1, last_number: 3, acknowledged }];
    const says = (acknowledged: boolean) => {
      const stream = journal.closed({
        event: 'audit.retention.applied',
        body: { removed_through, segments: segments(acknowledged) },
      });
      server.documents = [];
      server.store([...gone.lines.slice(3), ...stream.lines]);
    };
    says(true);
    expect(await errors()).toEqual([`${gone.id} removed: records 1 to 3: missing`]);
    // Nobody had ever acknowledged those: they can't be there.
    says(false);
    expect(await errors()).toEqual([]);
  });
});

describe('held against the journal', () => {
  test('it is told what is the same, missing, another one, and not in the journal', async () => {
    const { id, lines } = storeStream();
    const compared = () => check({ journal: journal.directory });
    expect((await compared()).sink.journal).toMatchObject({ same: 10, missing: 0, differing: 0, surplus: 0 });

    for (const number of [9, 10]) server.remove(server.find(id, number));
    const cut = await compared();
    expect(cut.sink).toMatchObject({ missing: 2, journal: { same: 8, missing: 2 } });
    expect(cut.findings.map(({ kind, message }) => `${kind}: ${message}`)).toContain(
      'missing: records 9 to 10: in the journal, and not at the sink; nothing says that it was shipped',
    );
    const other = parseRecord(lines[8]!);
    other.attributes['audit.actor.id'] = 'telegram:666';
    server.store([canonicalRecord(other)]);
    expect(await errors({ journal: journal.directory })).toEqual([
      'it differs: record 9: another one than in the journal',
      'it missing: record 10: in the journal, and not at the sink; nothing says that it was shipped',
    ]);
  });

  test('records that were observed within the grace may be on their way', async () => {
    const now = Date.now();
    const stream = journal.open();
    for (const at of [now - 1_000, now - 500]) stream.write({ at });
    server.store(stream.lines.slice(0, 1));
    const { intact, sink } = await check({ journal: journal.directory, graceMs: 60_000 });
    expect(intact).toBe(true);
    expect(sink.journal).toMatchObject({ same: 1, missing: 0, onTheirWay: 2 });
    expect(await errors({ journal: journal.directory })).toHaveLength(1);
  });

  test('what of the journal can not be read is not taken for the same', async () => {
    const { directory } = storeStream();
    writeFileSync(join(directory, 'stream.json'), JSON.stringify({ formatVersion: 99 }));
    const { intact, findings } = await check({ journal: journal.directory });
    expect(intact).toBe(false);
    expect(findings.map(({ kind }) => kind)).toContain('unchecked');
  });

  test('a whole stream that the sink lacks, and one that the journal lacks', async () => {
    storeStream();
    const lost = journal.closed({});
    const elsewhere = new TestJournal();
    server.store(elsewhere.closed({}).lines);
    elsewhere.remove();
    expect(await errors({ journal: journal.directory })).toEqual([
      `${lost.id} missing: records 1 to 3: in the journal, and not at the sink; nothing says that it was shipped`,
    ]);
    expect((await check({ journal: journal.directory })).sink.journal).toMatchObject({ otherStreams: 1 });
  });
});
