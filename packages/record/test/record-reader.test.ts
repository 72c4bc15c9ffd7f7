import { expect, test } from 'vitest';
import type { AttributeMap, AuditRecord } from '../src/index.js';
import { canonicalRecord, createLineReader, createRecordReader, openedBody, parseRecord } from '../src/index.js';
import { aRecord, Stream, sha256 } from './streams.js';

test('a record that is given beside its line is read as the line alone would be, whatever is wrong with it', () => {
  const stream = new Stream(2);
  const deep = (depth: number): AttributeMap => (depth === 0 ? { end: true } : { in: deep(depth - 1) });
  const from = (change: (record: AuditRecord) => void) => {
    const record = parseRecord(stream.lines[1]!);
    change(record);
    return record;
  };
  const records = [
    parseRecord(stream.lines[0]!),
    from(() => {}),
    from((record) => (record.body = deep(10))),
    from((record) => (record.body = deep(20))),
    from((record) => (record.body = deep(80))),
    from((record) => (record.body = {})),
    from((record) => (record.eventName = '')),
    from((record) => (record.timestamp = '01')),
    from((record) => (record.observedTimestamp = 'now')),
    from((record) => (record.traceId = 'x')),
    from((record) => (record.spanId = 'X'.repeat(16))),
    from((record) => delete record.attributes['audit.actor.id']),
    from((record) => (record.attributes['audit.outcome'] = '')),
    from((record) => (record.attributes['audit.sequence.number'] = 0)),
    from((record) => (record.attributes['audit.sequence.stream_id'] = '')),
    from((record) => (record.attributes.text = 'x'.repeat(300_000))),
    from((record) => (record.attributes.text = '\u{1F600}'.repeat(40_000))),
    { ...aRecord(), eventName: 'audit.checkpoint' },
    { ...aRecord(), eventName: 'audit.stream.opened', body: openedBody({ ended: [stream.tip] }) },
  ];
  const readRecord = createRecordReader(sha256);
  const readLine = createLineReader(sha256);
  for (const record of records) {
    const line = canonicalRecord(record);
    expect(readRecord(line, record)).toEqual(readLine({ stream: '', line, terminated: true }));
  }
});
