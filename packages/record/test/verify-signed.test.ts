import { describe, expect, test } from 'vitest';
import {
  canonicalRecord,
  checkpointRecord,
  createVerifier,
  openedBody,
  parseRecord,
  retentionBody,
} from '../src/index.js';
import { brief, signedStream, verifyFolders } from './signed-folders.js';
import { Signer, tipOf } from './signer.js';
import { aRecord, Stream, sha256 } from './streams.js';

describe('with the public key', () => {
  test('a closed stream is signed to its end', () => {
    const folder = signedStream();
    const { publicKey, keyId } = folder.signer;
    expect(verifyFolders([folder], { publicKey })).toEqual({
      intact: true,
      signed: true,
      streams: 1,
      records: 9,
      unsigned: 0,
      checkpoints: 3,
      keyIds: [keyId],
      findings: [],
      omitted: 0,
    });
  });

  test('a stream that goes on is signed up to its last checkpoint, and the rest is noticed', () => {
    const folder = signedStream({ open: true });
    const report = verifyFolders([folder], { publicKey: folder.signer.publicKey });
    expect(report).toMatchObject({ intact: true, signed: false, unsigned: 4 });
    expect(brief(report)).toEqual(['(unsigned 6-9)', '(not_closed 9)']);
  });

  test('a stream that ends without a checkpoint, or has none at all, is not', () => {
    const folder = signedStream();
    const { publicKey } = folder.signer;
    const cut = { ...folder, checkpoints: folder.checkpoints.slice(0, 2) };
    expect(brief(verifyFolders([cut], { publicKey }))).toEqual(['unsigned 6-9']);
    const bare = verifyFolders([{ ...folder, checkpoints: [] }], { publicKey });
    expect(brief(bare)).toEqual(['unsigned 1-9']);
    expect(bare).toMatchObject({ intact: false, signed: false, unsigned: 9 });
  });

  test('a record that a checkpoint vouches for can be neither changed, with all that follow, nor cut off', () => {
    const folder = signedStream();
    const { publicKey } = folder.signer;
    const anew = new Stream();
    for (const line of folder.records) {
      const { attributes, ...rest } = parseRecord(line);
      anew.append({ ...rest, attributes: { ...attributes, 'audit.actor.id': 'telegram:43' } });
    }
    const lines = anew.lines.map((line) => line.replaceAll(anew.id, folder.id));
    // Chained anew by hand, since the id of the stream is part of each line.
    const records: string[] = [];
    for (const line of lines) {
      const record = parseRecord(line);
      if (records.length > 0) record.attributes['audit.sequence.previous_hash'] = sha256(records.at(-1)!);
      records.push(canonicalRecord(record));
    }
    expect(brief(verifyFolders([{ ...folder, records }], { publicKey }))).toEqual(['changed 9']);
    const cut = { ...folder, records: folder.records.slice(0, 7) };
    const report = verifyFolders([cut], { publicKey });
    expect(brief(report)).toEqual(['(not_closed 7)', 'removed 8-9']);
    expect(report).toMatchObject({ signed: false, unsigned: 7 });
    expect(report.findings[1]?.message).toBe(
      `records 8 to 9: missing, though checkpoint 3 of stream ${folder.id} commits record 9`,
    );
  });

  test('a whole stream that a checkpoint of another one commits is missed', () => {
    const [gone, signer] = [new Stream(4, { open: true }), new Signer()];
    const adopter = new Stream(3);
    const folder = { id: adopter.id, records: adopter.lines, checkpoints: [signer.line(adopter, gone)] };
    const { publicKey } = signer;
    expect(brief(verifyFolders([folder], { publicKey }))).toEqual(['removed 1-4']);
    const there = { id: gone.id, records: gone.lines, checkpoints: [] };
    expect(brief(verifyFolders([folder, there], { publicKey }))).toEqual(['(not_closed 4)']);
    expect(verifyFolders([folder, there], { publicKey })).toMatchObject({ signed: true, unsigned: 0 });
  });

  describe('of what went by retention', () => {
    /** A stream that committed another one at its sixth record, and of which records 1 to `through` went. */
    const reportOf = (through: number, { isSigned = true } = {}) => {
      const [gone, signer] = [new Stream(4), new Signer()];
      const adopter = new Stream(6, { open: true });
      const checkpoints = [signer.line(adopter, gone)];
      const beginning = { streamId: adopter.id, number: through, hash: sha256(adopter.lines[through - 1]!) };
      const body = retentionBody([beginning]);
      adopter.append({ ...aRecord(), eventName: 'audit.retention.applied', body });
      if (isSigned) checkpoints.push(signer.line(adopter));
      const folder = { id: adopter.id, records: adopter.lines.slice(through), checkpoints };
      return verifyFolders([folder], { publicKey: signer.publicKey });
    };
    const pruned = (...of: Parameters<typeof reportOf>) => brief(reportOf(...of)).sort();

    test('a beginning that went is told as pruned, with the record that says so and the checkpoint that proves it', () => {
      const { findings } = reportOf(5);
      const id = findings.find(({ kind }) => kind === 'not_closed')!.stream;
      expect(findings.find(({ severity, kind }) => kind === 'removed' && severity === 'notice')?.message).toBe(
        `records 1 to 5: pruned up to record 5 by retention, as record 7 of stream ${id} says, ` +
          `proven: checkpoint 2 of stream ${id} commits record 7`,
      );
    });

    test('a stream is missed as long as the records are there that were made after it was committed', () => {
      expect(pruned(5)).toEqual(['(not_closed 7)', '(removed 1-5)', 'removed 1-4']);
    });

    test('it is no longer when these went too, and with them perhaps the record that it went', () => {
      expect(pruned(6)).toEqual(['(not_closed 7)', '(removed 1-4)', '(removed 1-6)']);
    });

    test('a record that says so and is not signed counts for nothing', () => {
      expect(pruned(5, { isSigned: false })).toEqual(['(not_closed 7)', '(unsigned 7)', 'removed 1-4', 'removed 1-5']);
    });
  });

  test('what a signed record says of other streams is signed, from one to the next', () => {
    const signer = new Signer();
    const first = new Stream(4);
    const named = (tip: Stream['tip']) => ({
      ...aRecord(),
      eventName: 'audit.stream.opened',
      body: openedBody({ ended: [tip] }),
    });
    const second = new Stream().append(named(first.tip)).append(aRecord(), true);
    const third = new Stream().append(named(second.tip));
    const checkpoint = signer.line(third);
    third.append(aRecord(), true);
    const folder = ({ id, lines }: Stream, checkpoints: string[] = []) => ({ id, records: lines, checkpoints });
    const { publicKey } = signer;
    const all = [folder(third, [checkpoint, signer.line(third)]), folder(second), folder(first)];
    expect(verifyFolders(all, { publicKey })).toMatchObject({ signed: true, findings: [] });
    // What is said after the last checkpoint is not.
    const late = new Stream().append(aRecord());
    const early = signer.line(late);
    late.append(named(second.tip));
    expect(brief(verifyFolders([folder(late, [early]), folder(second), folder(first)], { publicKey }))).toEqual([
      '(unsigned 2)',
      '(not_closed 2)',
      '(checkpoint start)',
      'unsigned 1-2',
      'unsigned 1-4',
    ]);
  });

  test('in an export in which each checkpoint follows the records that it vouches for, it does', () => {
    const { records, checkpoints, signer } = signedStream();
    const [one, five, nine] = checkpoints as [string, string, string];
    const lines = [records[0]!, one, ...records.slice(1, 5), five, ...records.slice(5), nine];
    const verify = (all: readonly string[]) => {
      const verifier = createVerifier({ sha256, complete: false, publicKey: signer.publicKey });
      for (const line of all) verifier.push({ stream: 'export', line, terminated: true });
      return verifier.finish();
    };
    expect(verify(lines)).toMatchObject({ signed: true, findings: [] });
    expect(verify([...checkpoints, ...records])).toMatchObject({ signed: true, findings: [] });
    expect(brief(verify([...records, one, five]))).toEqual(['unsigned 1-9']);
  });

  test('a checkpoint that says nonsense of a stream is told', () => {
    const signer = new Signer();
    const stream = new Stream(3);
    const { checkpoint, signature, keyId } = signer.next([{ ...tipOf(stream), entry_count: 2 }]);
    const line = canonicalRecord(checkpointRecord({ streamId: stream.id, checkpoint, signature, keyId }));
    const folder = { id: stream.id, records: stream.lines, checkpoints: [line] };
    expect(brief(verifyFolders([folder], { publicKey: signer.publicKey }))).toEqual(['unsigned 1-3', 'checkpoint tip']);
  });
});

describe('without a public key', () => {
  test('the chain of checkpoints and what they commit is checked all the same, but vouches for nothing', () => {
    const folder = signedStream();
    expect(verifyFolders([folder])).toMatchObject({ intact: true, signed: false, unsigned: 9, checkpoints: 3 });
    expect(brief(verifyFolders([{ ...folder, records: folder.records.slice(0, 7) }]))).toContain('removed 8-9');
    expect(brief(verifyFolders([{ ...folder, checkpoints: folder.checkpoints.toSpliced(1, 1) }]))).toEqual([
      'checkpoint seq',
    ]);
    expect(verifyFolders([{ ...folder, checkpoints: [] }])).toMatchObject({ intact: true, signed: false });
  });
});
