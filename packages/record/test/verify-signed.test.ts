import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalRecord,
  checkpointEntryOf,
  checkpointRecord,
  createVerifier,
  isCheckpointLine,
  isCheckpointRecord,
  openedBody,
  parseRecord,
  type Report,
  retentionBody,
  type VerifierOptions,
} from '../src/index.js';
import { Signer, tipOf } from './signer.js';
import { aRecord, Stream, sha256 } from './streams.js';

/** A stream's folder: its lines, and those of its checkpoints. */
interface Folder {
  readonly id: string;
  records: string[];
  checkpoints: string[];
}

/** A stream of nine records whose process made checkpoints at records 1, 5 and, where it is closed, 9. */
function signedStream({ signer = new Signer(), open = false } = {}): Folder & { signer: Signer; stream: Stream } {
  const stream = new Stream();
  const checkpoints: string[] = [];
  for (let number = 1; number <= 9; number++) {
    stream.append(aRecord(), number === 9 && !open);
    if (number === 1 || number === 5 || (number === 9 && !open)) checkpoints.push(signer.line(stream));
  }
  return { id: stream.id, records: [...stream.lines], checkpoints, signer, stream };
}

/** Verifies folders as a journal's: all checkpoints first, then the streams, newest first. */
function verifyFolders(folders: readonly Folder[], options: VerifierOptions = {}): Report {
  const verifier = createVerifier({ sha256, ...options });
  for (const holds of ['checkpoints', 'records'] as const) {
    for (const { id, ...lines } of folders) {
      for (const line of lines[holds]) verifier.push({ stream: id, exclusive: true, holds, line, terminated: true });
      verifier.endOfStream(id);
    }
  }
  return verifier.finish();
}

/** Findings in short: `removed 6-9`, `checkpoint seq`; notices in parentheses. */
function brief({ findings }: Report): string[] {
  return findings.map(({ kind, severity, number, lastNumber, checkpoint }) => {
    const numbers = lastNumber === undefined ? number : `${number}-${lastNumber}`;
    const text = [kind, checkpoint?.defect ?? numbers].filter((part) => part !== undefined).join(' ');
    return severity === 'notice' ? `(${text})` : text;
  });
}

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
    const pruned = (through: number, { isSigned = true } = {}) => {
      const [gone, signer] = [new Stream(4), new Signer()];
      const adopter = new Stream(6, { open: true });
      const checkpoints = [signer.line(adopter, gone)];
      const beginning = { streamId: adopter.id, number: through, hash: sha256(adopter.lines[through - 1]!) };
      const body = retentionBody([beginning]);
      adopter.append({ ...aRecord(), eventName: 'audit.retention.applied', body });
      if (isSigned) checkpoints.push(signer.line(adopter));
      const folder = { id: adopter.id, records: adopter.lines.slice(through), checkpoints };
      return brief(verifyFolders([folder], { publicKey: signer.publicKey })).sort();
    };

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

  test('checkpoints by another key count for nothing', () => {
    const folder = signedStream();
    const other = new Signer();
    const report = verifyFolders([folder], { publicKey: other.publicKey });
    expect(brief(report)).toEqual(['unsigned 1-9', 'checkpoint key', 'checkpoint key', 'checkpoint key']);
    expect(verifyFolders([folder], { publicKey: [other.publicKey, folder.signer.publicKey] }).signed).toBe(true);
  });

  test('any bit of a checkpoint that is turned is found', () => {
    const folder = signedStream();
    const { publicKey } = folder.signer;
    fc.assert(
      fc.property(fc.nat({ max: 2 }), fc.nat(), fc.nat({ max: 7 }), (index, place, bit) => {
        const bytes = Buffer.from(folder.checkpoints[index]!);
        bytes[place % bytes.length]! ^= 1 << bit;
        const checkpoints = folder.checkpoints.with(index, bytes.toString('latin1'));
        expect(verifyFolders([{ ...folder, checkpoints }], { publicKey }).intact).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, (checkpoints: string[]) => string[], string[]]>([
    ['the first is removed', (lines) => lines.slice(1), ['(checkpoint start)']],
    ['one in the middle is removed', (lines) => lines.toSpliced(1, 1), ['checkpoint seq']],
    ['one stands twice', (lines) => lines.toSpliced(1, 0, lines[1]!), ['checkpoint seq', 'checkpoint tip']],
    ['two change places', ([a, b, c]) => [b!, a!, c!], ['(checkpoint start)', 'checkpoint seq']],
    ['a record stands among them', (lines) => [...lines, canonicalRecord(aRecord())], ['malformed']],
    ['garbage stands among them', (lines) => lines.toSpliced(1, 0, 'garbage'), ['malformed']],
    ['one became garbage', (lines) => lines.with(1, 'garbage'), ['malformed']],
  ])('%s: that is told', (_, tamper, expected) => {
    const folder = signedStream();
    const checkpoints = tamper(folder.checkpoints);
    const found = brief(verifyFolders([{ ...folder, checkpoints }], { publicKey: folder.signer.publicKey }));
    for (const each of expected) expect(found).toContain(each);
  });

  test('files of checkpoints that are swapped are told, of one journal and of another one', () => {
    const [one, other] = [signedStream(), signedStream()];
    const swapped = [
      { ...one, checkpoints: other.checkpoints },
      { ...other, checkpoints: one.checkpoints },
    ];
    const publicKey = [one.signer.publicKey, other.signer.publicKey];
    const report = verifyFolders(swapped, { publicKey });
    expect(brief(report)).toEqual(Array.from({ length: 6 }, () => 'checkpoint place'));
    expect(report.findings[0]?.message).toBe(
      `checkpoint 1: is of stream ${other.id}, yet stands in the folder of this one`,
    );
    const foreign = brief(verifyFolders([{ ...one, checkpoints: other.checkpoints }], { publicKey }));
    expect(foreign).toContain('unsigned 1-9');
    expect(foreign).toContain('removed 1-9');
    // Made out to be of the stream whose folder it is in.
    const relabelled = other.checkpoints.map((line) => {
      return canonicalRecord(checkpointRecord({ ...checkpointEntryOf(parseRecord(line)), streamId: one.id }));
    });
    const report2 = verifyFolders([{ ...one, checkpoints: relabelled }], { publicKey });
    expect(report2.findings.map(({ message }) => message)).toContain(
      'checkpoint 1: commits no tip of the stream that it is of',
    );
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

describe('the last line of a file of checkpoints', () => {
  const torn = (line: string) => {
    const folder = signedStream();
    const verifier = createVerifier({ sha256, publicKey: folder.signer.publicKey });
    const place = { stream: folder.id, exclusive: true };
    for (const each of folder.checkpoints.slice(0, 2)) {
      verifier.push({ ...place, holds: 'checkpoints', line: each, terminated: true });
    }
    const last = line === 'whole' ? folder.checkpoints[2]! : line;
    verifier.push({
      ...place,
      holds: 'checkpoints',
      line: last,
      terminated: false,
      position: 'checkpoints.ndjson, line 3',
    });
    for (const each of folder.records) verifier.push({ ...place, holds: 'records', line: each, terminated: true });
    return verifier.finish();
  };

  test('that was not written to its end is noticed; what it would have vouched for is not', () => {
    const report = torn('{"Attributes":{"audit');
    expect(brief(report)).toEqual(['unsigned 6-9', '(torn)']);
    expect(report.findings.at(-1)?.message).toBe(
      'the last checkpoint was not written to its end (checkpoints.ndjson, line 3)',
    );
  });

  test('counts where only its newline is missing', () => {
    expect(torn('whole')).toMatchObject({ signed: true, findings: [{ kind: 'torn', severity: 'notice' }] });
  });
});

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
