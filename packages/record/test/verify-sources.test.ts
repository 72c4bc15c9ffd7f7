import { expect, test } from 'vitest';
import type { AttributeMap } from '../src/index.js';
import { createLineReader, createVerifier, openedBody, recoveredBody, retentionBody } from '../src/index.js';
import { aRecord, brief, Stream, sha256, verify, verifyBytes } from './streams.js';

/** A stream whose opening record has the body. */
function opening(body: ReturnType<typeof openedBody>, eventName = 'audit.stream.opened'): Stream {
  return new Stream().append({ ...aRecord(), eventName, body }).append(aRecord(), true);
}

test('streams that are interleaved in one export are told apart', () => {
  const [one, other] = [new Stream(5), new Stream(5)];
  const lines = one.lines.flatMap((line, index) => [line, other.lines[index]!]);
  expect(verify({ export: lines })).toMatchObject({ intact: true, streams: 2, records: 10, findings: [] });
  lines.splice(5, 1);
  const { findings } = verify({ export: lines });
  expect(findings).toMatchObject([{ stream: other.id, kind: 'removed', number: 3 }]);
});

test('a stream goes on from one source to the next', () => {
  const { lines } = new Stream(9);
  const parts = { a: lines.slice(0, 4), b: lines.slice(4, 5), c: lines.slice(5) };
  expect(verify(parts)).toMatchObject({ intact: true, streams: 1, findings: [] });
});

test('a stream that is fed twice is one finding', () => {
  const { lines } = new Stream(9);
  expect(brief(verify({ one: lines, other: lines }).findings)).toEqual(['duplicated 1-9']);
  expect(brief(verify({ one: [...lines, ...lines] }).findings)).toEqual(['duplicated 1-9']);
});

test('a copy that stands further back than is remembered is found all the same, a rewritten one too', () => {
  const far = new Stream(20_000, { open: true });
  expect(brief(verify({ file: [...far.lines, ...far.lines] }).findings)).toEqual([
    'duplicated 1-20000',
    'not_closed 20000',
  ]);
  const alone = brief(verify({ file: [...far.lines, far.lines[7]!] }).findings);
  expect(alone).toEqual(['duplicated 8', 'not_closed 20000']);
});

test('in the folder of a stream a record of another one is false', () => {
  const [own, other] = [new Stream(3), new Stream(3)];
  const bytes = Buffer.from(`${[...own.lines.slice(0, 2), other.lines[0], own.lines[2]].join('\n')}\n`);
  const { intact, findings } = verifyBytes(own.id, bytes);
  expect(intact).toBe(false);
  expect(findings).toEqual([
    {
      stream: own.id,
      kind: 'added',
      severity: 'error',
      message: `a record of another stream, ${other.id}, stands here`,
    },
  ]);
});

test('a whole stream that is gone is missed by the one that names it', () => {
  const gone = new Stream(5);
  const witness = opening(openedBody({ ended: [gone.tip] }));
  const { intact, findings, streams } = verify({ file: witness.lines });
  expect({ intact, streams }).toEqual({ intact: false, streams: 1 });
  expect(findings).toEqual([
    {
      stream: gone.id,
      number: 1,
      lastNumber: 5,
      kind: 'removed',
      severity: 'error',
      message: `records 1 to 5: missing, and with it the whole stream, which stream ${witness.id} names`,
    },
  ]);
});

test('where not all streams are fed, one that is not there is noticed only', () => {
  const witness = opening(openedBody({ ended: [new Stream(5).tip] }));
  const { intact, findings } = verify({ file: witness.lines }, { complete: false });
  expect(intact).toBe(true);
  expect(findings).toMatchObject([{ kind: 'removed', severity: 'notice' }]);
});

test.each([
  ['opened', (stream: Stream) => opening(openedBody({ ended: [stream.tip] }))],
  ['opened beside it', (stream: Stream) => opening(openedBody({ ended: [], live: [stream.tip] }))],
  [
    'recovered',
    (stream: Stream) =>
      opening(recoveredBody({ tip: stream.tip, tornBytes: 7, openAttempts: ['id'] }), 'audit.stream.recovered'),
  ],
])('the end that another stream names shows a cut, and a change of the last record: %s', (_, witnessOf) => {
  const stream = new Stream(5);
  const witness = witnessOf(stream);
  const cut = { [stream.id]: stream.lines.slice(0, 3) };
  const changed = {
    [stream.id]: [...stream.lines.slice(0, 4), stream.lines[4]!.replace('telegram:42', 'telegram:43')],
  };
  for (const order of ['before', 'after']) {
    const feed = (lines: Record<string, string[]>) => {
      const own = { witness: witness.lines };
      return verify(order === 'before' ? { ...own, ...lines } : { ...lines, ...own });
    };
    expect(feed({ [stream.id]: stream.lines })).toMatchObject({ intact: true, findings: [] });
    expect(brief(feed(cut).findings)).toEqual(['not_closed 3', 'removed 4-5']);
    expect(brief(feed(changed).findings)).toEqual(['changed 5']);
  }
});

test('what came lately may name what is on its way: a notice, unless something else names it as well', () => {
  const stream = new Stream(3, { open: true });
  const naming = (number: number) => {
    return new Stream().append({
      ...aRecord(),
      eventName: 'audit.stream.opened',
      body: openedBody({ ended: [{ ...stream.tip, number }] }),
    });
  };
  const [settled, late] = [naming(5), naming(7)];
  const feed = (lines: [string | undefined, boolean][]) => {
    const verifier = createVerifier({ sha256 });
    for (const line of stream.lines) verifier.push({ stream: 'a', line, terminated: true });
    for (const [line, recent] of lines) verifier.push({ stream: 'b', line, terminated: true, recent });
    const { findings, intact } = verifier.finish();
    return [
      intact,
      ...findings.filter(({ kind }) => kind === 'removed').map(({ severity, message }) => `${severity}: ${message}`),
    ];
  };
  expect(feed([[late.lines[0], true]])).toEqual([
    true,
    `notice: records 4 to 7: not there yet, though stream ${late.id} names record 7`,
  ]);
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const both: [string | undefined, boolean][] = [
      [settled.lines[0], false],
      [late.lines[0], true],
    ];
    expect(feed(order.map((index) => both[index]!))).toEqual([
      false,
      `error: records 4 to 5: missing, though stream ${settled.id} names record 5`,
      `notice: records 6 to 7: not there yet, though stream ${late.id} names record 7`,
    ]);
  }
});

test('what is announced counts, in whatever order streams come then', () => {
  const stream = new Stream(4, { open: true });
  const tip = { streamId: stream.id, number: 2, hash: 'f'.repeat(64) };
  const body = openedBody({ ended: [], live: [tip] });
  const other = new Stream().append({ ...aRecord(), eventName: 'audit.stream.opened', body });
  const found = (announced: boolean, by?: string) => {
    const verifier = createVerifier({ sha256 });
    const read = createLineReader(sha256)({ stream: 'b', line: other.lines[0], terminated: true });
    const grounds = by === undefined ? undefined : [{ tip: { streamId: stream.id, number: 1 }, by }];
    if (announced) {
      const testimony = { tips: read.testimony?.tips ?? [], removed: [], grounds };
      verifier.announce({ stream: 'b', terminated: true }, { ...read, testimony });
    }
    const lines = by === undefined ? stream.lines : stream.lines.slice(1);
    for (const line of lines) verifier.push({ stream: 'a', line, terminated: true });
    return verifier
      .finish()
      .findings.filter(({ kind }) => kind !== 'not_closed')
      .map(({ severity, kind, message }) => `${severity} ${kind}: ${message}`);
  };
  const changed = `error changed: record 2: not the record that stream ${other.id} names`;
  expect(found(false)).toEqual([]);
  expect(found(true)).toEqual([changed]);
  expect(found(true, 'of which whoever reads it knows')).toEqual([
    'notice removed: record 1: pruned up to record 1 by retention, of which whoever reads it knows',
    changed,
  ]);
});

test('a stream that went on after it was named must still hold the record that was named', () => {
  const stream = new Stream(3, { open: true });
  const witness = opening(openedBody({ ended: [], live: [stream.tip] }));
  stream.append(aRecord(), true);
  expect(verify({ witness: witness.lines, stream: stream.lines })).toMatchObject({ intact: true, findings: [] });
  const rewritten = new Stream(4);
  const lines = rewritten.lines.map((line) => line.replaceAll(rewritten.id, stream.id));
  expect(brief(verify({ witness: witness.lines, lines }).findings)).toContain('changed 3');
});

test('a beginning that is missing is an error, unless its removal is on record', () => {
  const stream = new Stream(9);
  const left = stream.lines.slice(4);
  const through = { streamId: stream.id, number: 4, hash: sha256(stream.lines[3]!) };
  expect(brief(verify({ left }).findings)).toEqual(['removed 1-4']);

  const retention = opening(retentionBody([through]), 'audit.retention.applied');
  for (const report of [verify({ left, own: retention.lines }), verify({ own: retention.lines, left })]) {
    expect(report.intact).toBe(true);
    expect(report.findings).toMatchObject([{ kind: 'removed', number: 1, lastNumber: 4, severity: 'notice' }]);
  }
  const tooLittle = verify({ left: stream.lines.slice(5), own: retention.lines });
  expect(tooLittle.intact).toBe(false);
  const other = opening(retentionBody([{ ...through, hash: sha256('?') }]), 'audit.retention.applied');
  expect(verify({ left, own: other.lines }).intact).toBe(false);
});

test('of a stream that is fed only up to a record, what tells of later ones is passed over, and nothing else', () => {
  const stream = new Stream(9);
  const witness = opening(openedBody({ ended: [stream.tip] }));
  const beginning = stream.lines.slice(0, 6);
  const verifier = (reach: number) => {
    const verifier = createVerifier({ reach: new Map([[stream.id, reach]]) });
    for (const line of [...witness.lines, ...beginning]) verifier.push({ stream: 'export', line, terminated: true });
    return verifier.finish();
  };
  expect(verifier(6).intact).toBe(true);
  expect(brief(verifier(9).findings)).toContain('removed 7-9');
});

test('a whole stream whose removal is on record is missed by nobody', () => {
  const gone = new Stream(5);
  const own = new Stream()
    .append({ ...aRecord(), eventName: 'audit.stream.opened', body: openedBody({ ended: [gone.tip] }) })
    .append({ ...aRecord(), eventName: 'audit.retention.applied', body: retentionBody([gone.tip]) })
    .append(aRecord(), true);
  const { intact, findings } = verify({ own: own.lines });
  expect(intact).toBe(true);
  expect(findings).toMatchObject([{ stream: gone.id, kind: 'removed', severity: 'notice' }]);
});

test('bodies of another shape say nothing of other streams', () => {
  const bodies: AttributeMap[] = [
    { ended_streams: 'all' },
    { ended_streams: [1, 'x', ['y'], { stream_id: 5 }, { stream_id: 'x' }, { stream_id: 'x', number: 'y' }] },
    { ended_streams: [{ stream_id: 'x', number: 0 }], live_streams: { a: 1 } },
    { removed_through: 1 },
  ];
  for (const body of bodies) {
    expect(verify({ file: opening(body).lines })).toMatchObject({ intact: true, findings: [] });
  }
});

test('a stream without records, and without more than torn bytes, is named by its id alone', () => {
  const tip = { streamId: 'dead', number: 0 };
  expect(openedBody({ ended: [tip] })).toEqual({ ended_streams: [{ stream_id: 'dead', number: 0 }] });
  expect(openedBody({ ended: [], live: [] })).toEqual({});
  expect(recoveredBody({ tip, tornBytes: 3, openAttempts: [] })).toEqual({
    stream_id: 'dead',
    number: 0,
    torn_bytes: 3,
    open_attempts: [],
  });
});

test('no bit of a file can be turned without an error, where another stream names its end', () => {
  const stream = new Stream(3);
  const witness = opening(openedBody({ ended: [stream.tip] }));
  const bytes = Buffer.from(`${stream.lines.join('\n')}\n`);
  expect(verifyBytes(stream.id, bytes, { [witness.id]: witness.lines })).toMatchObject({ intact: true, findings: [] });
  const missed: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      bytes[at]! ^= bit;
      if (verifyBytes(stream.id, bytes, { [witness.id]: witness.lines }).intact) missed.push(`byte ${at}, bit ${bit}`);
      bytes[at]! ^= bit;
    }
  }
  expect(missed).toEqual([]);
});
