import { describe, expect, test } from 'vitest';
import {
  canonicalRecord,
  checkpointEntryOf,
  checkpointRecord,
  createVerifier,
  isCheckpointLine,
  isCheckpointRecord,
  parseRecord,
} from '../src/index.js';
import { signedStream } from './signed-folders.js';
import { tipOf } from './signer.js';
import { aRecord, Stream, sha256 } from './streams.js';

describe('the record that carries a checkpoint', () => {
  const { stream, signer } = signedStream();
  const entry = { streamId: stream.id, ...signer.next([tipOf(stream)]) };
  const line = canonicalRecord(checkpointRecord(entry));

  test('is one, has the time of the checkpoint, and gives it back', () => {
    const record = parseRecord(line);
    expect(record.timestamp).toBe(`${Date.parse('2026-11-24T04:00:04Z')}000000`);
    expect(record.attributes['audit.record.id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(checkpointEntryOf(record)).toEqual(entry);
    expect([isCheckpointRecord(record), isCheckpointLine(line)]).toEqual([true, true]);
    expect(canonicalRecord(checkpointRecord(entry))).toBe(line);
  });

  test('is told from a record of that name in a chain, and from one that speaks of it', () => {
    const chained = new Stream().append({ ...parseRecord(line) }).lines[0]!;
    const quoting = canonicalRecord({ ...aRecord(), body: { text: ',"EventName":"audit.checkpoint",' } });
    for (const other of [chained, quoting]) {
      expect([isCheckpointRecord(parseRecord(other)), isCheckpointLine(other)]).toEqual([false, false]);
    }
  });

  test('says nothing that the checkpoint does not', () => {
    const record = parseRecord(line);
    const changes = [
      { ...record, timestamp: '1' },
      { ...record, traceId: 'a'.repeat(32) },
      { ...record, attributes: { ...record.attributes, 'audit.record.id': 'another' } },
      { ...record, attributes: { ...record.attributes, note: 'hello' } },
      { ...record, attributes: { ...record.attributes, 'audit.target.id': 'telegram:42' } },
      { ...record, body: { ...record.body, more: 1 } },
      { ...record, body: { ...record.body, checkpoint: '{}' } },
      { ...record, body: { ...record.body, checkpoint: 7 } },
      { ...record, body: { checkpoint: entry.checkpoint, key_id: entry.keyId } },
      { ...record, body: { checkpoint: entry.checkpoint, signature: entry.signature } },
      { ...record, body: undefined },
    ];
    for (const changed of changes) {
      expect(() => checkpointEntryOf(changed)).toThrow(/^Not a checkpoint: /);
      const verifier = createVerifier({ sha256 });
      verifier.push({ stream: 'file', line: canonicalRecord(changed), terminated: true });
      expect(verifier.finish().findings).toMatchObject([{ kind: 'checkpoint', checkpoint: { defect: 'form' } }]);
    }
  });

  test('among the records of a stream is told', () => {
    const verifier = createVerifier({ sha256 });
    for (const each of [stream.lines[0]!, line]) {
      verifier.push({ stream: stream.id, exclusive: true, holds: 'records', line: each, terminated: true });
    }
    expect(verifier.finish().findings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('stands among records') }),
    );
  });
});
