import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalRecord, checkpointEntryOf, checkpointRecord, createVerifier, parseRecord } from '../src/index.js';
import { brief, signedStream, verifyFolders } from './signed-folders.js';
import { Signer } from './signer.js';
import { aRecord, sha256 } from './streams.js';

describe('with the public key', () => {
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
