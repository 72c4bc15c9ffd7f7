import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differs, isExhaustive, judge, some, upTo, type Verdict, Victim } from './support/corruption.js';
import { count, journal, look, publicKeys, sound, streams, TIMEOUT } from './support/damaged-journal.js';

/*
 * Damages a journal in every way there is, one at a time, and has it verified with the public key each time. By default a
 * sample of each; BOTAUDIT_EXHAUSTIVE=1 takes all of them, which is about an hour, and 1/6 to 6/6 a part each.
 */
/** Tries damages of one kind; gives those that verification did not notice although `matters` says that they matter. */
function missed<T>(
  damages: readonly T[],
  judgeOf: (damage: T) => Verdict,
  matters: (verdict: Verdict) => boolean,
): T[] {
  return damages.filter((damage) => {
    const verdict = judgeOf(damage);
    return !differs(verdict, sound) && matters(verdict);
  });
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
    const unnoticed = missed(bits, (bit) => victimOf(bit).withBitTurned(bit.damage >> 3, bit.damage & 7, look), always);
    expect(unnoticed).toEqual([]);
    count(`${what}: bits turned`, bits);
  });

  test('when it is cut off, at any byte', { timeout: TIMEOUT }, () => {
    const cuts = some(
      each(({ size }) => upTo(size)),
      300,
    );
    expect(missed(cuts, (cut) => victimOf(cut).withCutAt(cut.damage, look), matters)).toEqual([]);
    count(`${what}: cut off`, cuts);
  });

  test('when a line is removed, repeated elsewhere, or changes places with another one', { timeout: TIMEOUT }, () => {
    const removals = some(
      each(({ lines }) => upTo(lines.length)),
      60,
    );
    const removed = missed(
      removals,
      (removal) => victimOf(removal).with(Buffer.concat(victimOf(removal).lines.toSpliced(removal.damage, 1)), look),
      matters,
    );
    expect(removed).toEqual([]);
    count(`${what}: lines removed`, removals);

    const pairs = each(({ lines }) =>
      upTo(lines.length).flatMap((one) => upTo(lines.length + 1).map((other) => [one, other] as const)),
    );
    const repeats = some(pairs, 150);
    const repeated = missed(
      repeats,
      (pair) => {
        const [one, other] = pair.damage;
        const { lines } = victimOf(pair);
        return victimOf(pair).with(Buffer.concat(lines.toSpliced(other, 0, lines[one]!)), look);
      },
      always,
    );
    expect(repeated).toEqual([]);
    count(`${what}: lines repeated`, repeats);

    const swaps = some(
      pairs.filter(({ damage: [one, other], file }) => one < other && other < victims[file]!.lines.length),
      150,
    );
    const swapped = missed(
      swaps,
      (pair) => {
        const [one, other] = pair.damage;
        const { lines } = victimOf(pair);
        [lines[one], lines[other]] = [lines[other]!, lines[one]!];
        return victimOf(pair).with(Buffer.concat(lines), look);
      },
      always,
    );
    expect(swapped).toEqual([]);
    count(`${what}: lines swapped`, swaps);
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
    const unnoticed = missed(
      places,
      (place) => {
        const { at, which } = place.damage;
        const { content } = victimOf(place);
        return victimOf(place).with(
          Buffer.concat([content.subarray(0, at), foreign[which]!, content.subarray(at)]),
          look,
        );
      },
      always,
    );
    expect(unnoticed).toEqual([]);
    count(`${what}: lines put in`, places);
  });

  test('when bytes are overwritten, lost or put in, at random', { timeout: TIMEOUT }, () => {
    const damages = upTo(isExhaustive ? 5_000 : 150).map(() => {
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
    expect(missed(damages, (one) => victimOf(one).with(one.damage, look), matters)).toEqual([]);
    count(`${what}: overwritten`, damages);
  });

  test('when a file is gone, or is that of another stream', () => {
    const paths = victims.map(({ path }) => path);
    for (const path of paths) {
      renameSync(path, `${path}.away`);
      const gone = look();
      expect(differs(gone, sound) || (what === 'checkpoints' && !unlessAllIsProven(gone))).toBe(true);
      for (const other of paths) {
        if (other === path) continue;
        cpSync(other, path);
        expect(differs(look(), sound)).toBe(true);
      }
      renameSync(`${path}.away`, path);
    }
    expect(differs(look(), sound)).toBe(false);
  });
});

test('whole streams: one that is gone is missed, also with its traces in the others’ company', () => {
  for (const gone of streams.slice(0, -1)) {
    renameSync(gone.directory, join(journal.folder, 'away'));
    const { report } = look();
    expect(report.findings).toContainEqual(
      expect.objectContaining({ stream: gone.id, kind: 'removed', severity: 'error' }),
    );
    renameSync(join(journal.folder, 'away'), gone.directory);
  }
  // The last one is known to nobody but its own checkpoints, which a sink has.
  const last = streams.at(-1)!;
  const outside = new Map([['sink', last.checkpoints]]);
  renameSync(last.directory, join(journal.folder, 'away'));
  const verdict = judge(journal.directory, publicKeys, outside);
  expect(verdict.report.findings).toContainEqual(expect.objectContaining({ stream: last.id, kind: 'removed' }));
  renameSync(join(journal.folder, 'away'), last.directory);
  expect(differs(look(), sound)).toBe(false);
});
