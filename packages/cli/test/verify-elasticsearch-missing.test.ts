import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalRecord, parseRecord } from '@botaudit/record';
import { describe, expect, test } from 'vitest';
import { check, errors, journal, server, storeStream } from './support/elasticsearch-check.js';
import { TestJournal } from './support/test-journal.js';

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
