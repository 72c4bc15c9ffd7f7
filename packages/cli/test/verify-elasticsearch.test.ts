import { hash, randomUUID } from 'node:crypto';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import { describe, expect, test } from 'vitest';
import { check, errors, journal, server, stored, storeStream } from './support/elasticsearch-check.js';
import { documentOf } from './support/search-server.js';

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
  const stream = journal.closed(...Array.from({ length: 140 }, () => ({ body: { text: 'x'.repeat(250_000) } })));
  server.store(stream.lines);
  expect(await check()).toMatchObject({ intact: true, records: 142 });
  expect(Math.min(...server.sizes)).toBeLessThan(142);
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

  test('a document that has several places', async () => {
    const { id } = storeStream(2_500);
    const attributes = server.find(id, 5)._source.attributes ?? {};
    attributes['audit.sequence.number'] = [5, 1_500];
    attributes['audit.sequence.stream_id'] = [id, 'another'];
    const found = await errors();
    expect(found).toContainEqual(expect.stringMatching(/ malformed: a line is not a record: audit\.sequence/));
    expect(found).toContainEqual(expect.stringMatching(/^documents of no stream document: document /));
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
