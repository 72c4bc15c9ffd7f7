import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differs, isExhaustive, judge, some, upTo, type Verdict, Victim } from './support/corruption.js';
import { journal, look, NONE, publicKeys, sound, streams, TIMEOUT, tryAll } from './support/damaged-journal.js';
import type { SignedStream } from './support/signed-journal.js';

/*
 * Damages a journal in every way there is, one at a time, and has it verified with the public key each time. By default a
 * sample of each; BOTAUDIT_EXHAUSTIVE=1 takes all of them, which is about an hour, and 1/6 to 6/6 a part each. At the end
 * it prints its figures in a line.
 */
/** Tells what became of a damage by the verdict: to be noticed where `matters` says that it matters. */
function outcome(verdict: Verdict, matters: (verdict: Verdict) => boolean) {
  if (differs(verdict, sound)) return 'detected';
  return matters(verdict) ? 'missed' : 'without effect';
}

const always = () => true;
/** All records are there and signed, as before: what was damaged proved nothing that something else does not prove. */
const unlessAllIsProven = ({ report }: Verdict) => !report.signed || report.records !== sound.report.records;

test('the journal that is damaged is authentic, and large enough', () => {
  expect(sound.report).toMatchObject({ intact: true, signed: true, streams: 3 });
  expect(sound.report.records).toBeGreaterThanOrEqual(50);
  expect(sound.report.checkpoints).toBeGreaterThanOrEqual(6);
  expect(sound.report.findings.map(({ kind }) => kind)).toEqual(['not_closed']);
  expect(sound.said).toEqual([]);
});

describe.each(['records', 'checkpoints'] as const)('%s: nothing goes unnoticed', (what) => {
  let victims: Victim[];
  beforeAll(() => {
    victims = streams.map((stream) => new Victim(what === 'records' ? stream.segment : stream.checkpointFile));
  });
  afterAll(() => {
    for (const victim of victims) victim.close();
  });
  /** A record has to be missed; a checkpoint only where nothing else proves what it did. */
  const matters = what === 'records' ? always : unlessAllIsProven;
  const each = <T>(of: (victim: Victim) => readonly T[]) =>
    victims.flatMap((victim, index) => of(victim).map((damage) => ({ file: index, damage })));
  const victimOf = ({ file }: { file: number }) => victims[file] as Victim;

  test('when a bit is turned', { timeout: TIMEOUT }, () => {
    const bits = some(
      each(({ size }) => upTo(size * 8)),
      700,
    );
    const failures = tryAll(`${what}: bits turned`, bits, (bit) =>
      outcome(victimOf(bit).withBitTurned(bit.damage >> 3, bit.damage & 7, look), always),
    );
    expect(failures).toEqual(NONE);
  });

  test('when it is cut off, at any byte', { timeout: TIMEOUT }, () => {
    const cuts = some(
      each(({ size }) => upTo(size)),
      300,
    );
    const failures = tryAll(`${what}: cut off`, cuts, (cut) =>
      outcome(victimOf(cut).withCutAt(cut.damage, look), matters),
    );
    expect(failures).toEqual(NONE);
  });

  test('when a line is removed, repeated elsewhere, or changes places with another one', { timeout: TIMEOUT }, () => {
    const removals = some(
      each(({ lines }) => upTo(lines.length)),
      60,
    );
    const removed = tryAll(`${what}: lines removed`, removals, (removal) => {
      const { lines } = victimOf(removal);
      return outcome(victimOf(removal).with(Buffer.concat(lines.toSpliced(removal.damage, 1)), look), matters);
    });
    expect(removed).toEqual(NONE);

    const pairs = each(({ lines }) =>
      upTo(lines.length).flatMap((one) => upTo(lines.length + 1).map((other) => [one, other] as const)),
    );
    const repeats = some(pairs, 150);
    const repeated = tryAll(`${what}: lines repeated`, repeats, (pair) => {
      const [one, other] = pair.damage;
      const { lines } = victimOf(pair);
      return outcome(victimOf(pair).with(Buffer.concat(lines.toSpliced(other, 0, lines[one]!)), look), always);
    });
    expect(repeated).toEqual(NONE);

    const swaps = some(
      pairs.filter(({ damage: [one, other], file }) => one < other && other < victims[file]!.lines.length),
      150,
    );
    const swapped = tryAll(`${what}: lines swapped`, swaps, (pair) => {
      const [one, other] = pair.damage;
      const { lines } = victimOf(pair);
      [lines[one], lines[other]] = [lines[other]!, lines[one]!];
      return outcome(victimOf(pair).with(Buffer.concat(lines), look), always);
    });
    expect(swapped).toEqual(NONE);
  });

  test('when a line of another file, or garbage, is put in', { timeout: TIMEOUT }, () => {
    const foreign = [
      ...streams.flatMap(({ records, checkpoints }) => [
        records[0]!,
        records.at(-1)!,
        checkpoints[0]!,
        checkpoints.at(-1)!,
      ]),
      '',
      'garbage',
      '{}',
      '\u0000',
      '['.repeat(5_000),
      'x'.repeat(300_000),
    ].map((line) => Buffer.from(`${line}\n`));
    const places = some(
      each(({ lineStarts }) => lineStarts.flatMap((at) => upTo(foreign.length).map((which) => ({ at, which })))),
      150,
    );
    const failures = tryAll(`${what}: lines put in`, places, (place) => {
      const { at, which } = place.damage;
      const { content } = victimOf(place);
      const longer = Buffer.concat([content.subarray(0, at), foreign[which]!, content.subarray(at)]);
      return outcome(victimOf(place).with(longer, look), always);
    });
    expect(failures).toEqual(NONE);
  });

  test('when bytes are overwritten, lost or put in, at random', { timeout: TIMEOUT }, () => {
    const damages = some(upTo(isExhaustive ? 5_000 : 150), 150).map(() => {
      const file = randomInt(victims.length);
      const { content } = victims[file] as Victim;
      const from = randomInt(content.length);
      const length = 1 + randomInt(Math.min(4096, content.length - from));
      const [before, after] = [content.subarray(0, from), content.subarray(from + length)];
      const kinds = [
        () => [before, randomBytes(length), after],
        () => [before, Buffer.alloc(length), after],
        () => [before, after],
        () => [before, randomBytes(length), content.subarray(from)],
      ];
      return { file, damage: Buffer.concat(kinds[randomInt(kinds.length)]!()) };
    });
    // What is lost may be the last lines, whole.
    const failures = tryAll(`${what}: overwritten`, damages, (one) =>
      outcome(victimOf(one).with(one.damage, look), matters),
    );
    expect(failures).toEqual(NONE);
  });

  test('when a file is gone, or is that of another stream', () => {
    const paths = victims.map(({ path }) => path);
    for (const path of paths) {
      renameSync(path, `${path}.away`);
      expect(tryAll(`${what}: file removed`, [path], () => outcome(look(), matters))).toEqual(NONE);
      const others = paths.filter((other) => other !== path);
      const replaced = tryAll(`${what}: file of another stream`, others, (other) => {
        cpSync(other, path);
        return outcome(look(), always);
      });
      expect(replaced).toEqual(NONE);
      renameSync(`${path}.away`, path);
    }
    expect(differs(look(), sound)).toBe(false);
  });
});

/** Whether it is told that the whole stream is gone. */
function missing({ report }: Verdict, { id }: SignedStream) {
  const isTold = report.findings.some(
    ({ stream, kind, severity }) => stream === id && kind === 'removed' && severity === 'error',
  );
  return isTold ? 'detected' : 'missed';
}

test('whole streams: one that is gone is missed, also with its traces in the others’ company', () => {
  for (const gone of streams.slice(0, -1)) {
    renameSync(gone.directory, join(journal.folder, 'away'));
    expect(tryAll('whole streams removed', [gone], () => missing(look(), gone))).toEqual(NONE);
    renameSync(join(journal.folder, 'away'), gone.directory);
  }
  // The last one is known to nobody but its own checkpoints, which a sink has.
  const last = streams.at(-1)!;
  const outside = new Map([['sink', last.checkpoints]]);
  renameSync(last.directory, join(journal.folder, 'away'));
  const verdict = () => judge(journal.directory, publicKeys, outside);
  expect(tryAll('whole streams removed', [last], () => missing(verdict(), last))).toEqual(NONE);
  renameSync(join(journal.folder, 'away'), last.directory);
  expect(differs(look(), sound)).toBe(false);
});
