import { readFileSync } from 'node:fs';
import {
  acknowledgeCheckpoint,
  cursorAfter,
  StreamReader,
  saveCursor,
  unacknowledgedCheckpoints,
} from '@botaudit/journal';
import { afterAll, beforeAll } from 'vitest';
import { figure } from '../../../../test/support/figure.ts';
import { isExhaustive, judge, type Verdict } from './corruption.js';
import { SignedJournal, type SignedStream } from './signed-journal.js';

/** More than an hour, where all of it is asked for. */
export const TIMEOUT = isExhaustive ? 2 * 60 * 60 * 1000 : 60_000;

/** The journal that a file's tests damage: authentic, and all of it acknowledged. */
export let journal: SignedJournal;
export let streams: readonly SignedStream[];
export let publicKeys: readonly string[];
/** The verdict on it before anything is damaged. */
export let sound: Verdict;

beforeAll(async () => {
  journal = new SignedJournal();
  // Closed; killed, and adopted by the next; closed, and the last.
  streams = [await journal.run(20), await journal.runAndDie(15), await journal.run(20)];
  for (const { directory } of streams) acknowledgeAll(directory);
  publicKeys = [readFileSync(journal.key.publicKey, 'utf8')];
  sound = look();
}, 60_000);
afterAll(() => journal.remove());

function acknowledgeAll(streamDirectory: string): void {
  const reader = new StreamReader(streamDirectory);
  const last = reader.read(Number.POSITIVE_INFINITY).at(-1);
  reader.close();
  if (last) saveCursor(streamDirectory, cursorAfter(last));
  const checkpoint = unacknowledgedCheckpoints(streamDirectory).at(-1);
  if (checkpoint) acknowledgeCheckpoint(streamDirectory, checkpoint);
}

/** The verdict on it as it is now. */
export const look = () => judge(journal.directory, publicKeys);

/** What became of damages of one kind that it should not have come to. */
export interface Failures<T> {
  /** Verification said the same as before although it matters. */
  readonly missed: readonly T[];
  /** Verification threw. */
  readonly crashed: readonly { readonly damage: T; readonly error: unknown }[];
}

export const NONE: Failures<never> = { missed: [], crashed: [] };

const OUTCOMES = ['tried', 'detected', 'without effect', 'missed', 'crashed'] as const;
type Counts = Record<(typeof OUTCOMES)[number], number>;
const kinds: Record<string, Counts> = {};

/**
 * Tries damages of one kind, and keeps count of them for the line of figures.
 *
 * @param outcomeOf does one damage, looks, and tells what became of it.
 */
export function tryAll<T>(
  kind: string,
  damages: readonly T[],
  outcomeOf: (damage: T) => 'detected' | 'without effect' | 'missed',
): Failures<T> {
  const missed: T[] = [];
  const crashed: { damage: T; error: unknown }[] = [];
  kinds[kind] ??= { tried: 0, detected: 0, 'without effect': 0, missed: 0, crashed: 0 };
  const counts = kinds[kind];
  for (const damage of damages) {
    counts.tried++;
    try {
      const outcome = outcomeOf(damage);
      counts[outcome]++;
      if (outcome === 'missed') missed.push(damage);
    } catch (error) {
      counts.crashed++;
      crashed.push({ damage, error });
    }
  }
  return { missed, crashed };
}

// One line, which the page of guarantees quotes: the parts of an exhaustive run add up.
afterAll(() => {
  const { records, checkpoints } = sound.report;
  const form = isExhaustive ? `exhaustive (${process.env.BOTAUDIT_EXHAUSTIVE})` : 'sample';
  const sum = (outcome: keyof Counts) => Object.values(kinds).reduce((total, counts) => total + counts[outcome], 0);
  const all = OUTCOMES.map((outcome) => `${outcome} ${sum(outcome)}`).join(', ');
  const tried = Object.entries(kinds).map(([kind, counts]) => `${kind} ${counts.tried}`);
  figure(`${form}, ${records} records with ${checkpoints} checkpoints: ${all}. Tried: ${tried.join('; ')}`);
});
