import { expect, test } from 'vitest';
import type { VerifierLine } from '../src/index.js';
import { createVerifier } from '../src/index.js';
import { brief, Stream, sha256, verifyBytes } from './streams.js';

/** Feeds lines of one source as they are. */
function feed(stream: string, lines: readonly Omit<VerifierLine, 'stream'>[]) {
  const verifier = createVerifier({ sha256 });
  for (const line of lines) verifier.push({ stream, exclusive: true, ...line });
  return verifier.finish();
}

test('a torn last line is noticed, and the stream goes on in the next segment', () => {
  const { id, lines } = new Stream(4);
  const [first, second, third, fourth] = lines as [string, string, string, string];
  const torn = { line: third.slice(0, 40), terminated: false, position: '00000001.ndjson:3' };
  const rest = [third, fourth].map((line) => ({ line, terminated: true }));
  const { intact, findings } = feed(id, [
    { line: first, terminated: true },
    { line: second, terminated: true },
    torn,
    ...rest,
  ]);
  expect(intact).toBe(true);
  expect(findings).toEqual([
    {
      stream: id,
      kind: 'torn',
      severity: 'notice',
      message: 'the last line was not written to its end (00000001.ndjson:3)',
    },
  ]);
});

test('a record that was counted and is torn is missing', () => {
  const { id, lines } = new Stream(4);
  const fed = lines.map((line, index) => ({ line: index === 2 ? line.slice(0, 40) : line, terminated: index !== 2 }));
  expect(brief(feed(id, fed).findings)).toEqual(['removed 3', 'torn']);
});

test('a whole record without newline counts, once, and gives way to another one in its place', () => {
  const open = new Stream(3, { open: true });
  const { id, lines } = open;
  const unended = lines.map((line, index) => ({ line, terminated: index < 2 }));
  expect(brief(feed(id, unended).findings)).toEqual(['not_closed 3', 'torn']);
  // Written anew in the next segment, the very same.
  expect(brief(feed(id, [...unended, { line: lines[2]!, terminated: true }]).findings)).toEqual([
    'not_closed 3',
    'torn',
  ]);
  // Given up, and another record took its number.
  const whole = lines.slice(0, 2).map((line) => ({ line, terminated: true }));
  const given = { line: lines[1]!.replace('telegram:42', 'telegram:1'), terminated: false };
  expect(feed(id, [whole[0]!, given, whole[1]!]).intact).toBe(false);
  const fresh = lines[1]!.replace(/("audit.record.id":\{"stringValue":")[^"]+/, '$1fresh');
  expect(brief(feed(id, [whole[0]!, { line: fresh, terminated: false }, whole[1]!]).findings)).toEqual([
    'not_closed 2',
    'torn',
  ]);
});

test('nothing may stand after the record that ended the stream, not even half a line', () => {
  const { id, lines } = new Stream(2);
  const fed = [...lines.map((line) => ({ line, terminated: true })), { line: '{"Attr', terminated: false }];
  expect(feed(id, fed)).toMatchObject({ intact: false, findings: [{ kind: 'malformed', severity: 'error' }] });
});

test('lines that the reader could not keep or read are findings', () => {
  const { id, lines } = new Stream(1);
  const fed: Omit<VerifierLine, 'stream'>[] = [
    { terminated: true, defect: 'too-long' },
    { terminated: true, defect: 'invalid-utf8' },
    { terminated: false, defect: 'unreadable', position: '00000002.ndjson' },
    { terminated: true, line: new Uint8Array(256 * 1024 + 1).fill(0x20) },
    { terminated: true, line: Uint8Array.of(0xff, 0xfe) },
    { terminated: true, line: Buffer.from(`\ufeff${lines[0]}`) },
    { terminated: true, line: Buffer.from(lines[0]!) },
  ];
  const { findings } = feed(id, fed);
  expect(findings.map(({ message }) => message)).toEqual([
    'a line is not a record: longer than 256 KiB',
    'a line is not a record: not UTF-8',
    'a line is not a record: it cannot be read (00000002.ndjson)',
    'a line is not a record: longer than 256 KiB',
    'a line is not a record: not UTF-8',
    'a line is not a record: not JSON',
  ]);
});

test('bytes that are no UTF-8 at a torn end are torn, not malformed', () => {
  const { id, lines } = new Stream(2, { open: true });
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\n')}\n{"Attributes":{"x":"`), Buffer.of(0xc3)]);
  expect(brief(verifyBytes(id, bytes).findings)).toEqual(['not_closed 2', 'torn']);
});
