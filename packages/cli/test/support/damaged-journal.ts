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

const tried: string[] = [];
afterAll(() =>
  figure(`${isExhaustive ? `exhaustive (${process.env.BOTAUDIT_EXHAUSTIVE})` : 'sample'}: ${tried.join('; ')}`),
);

/** Takes note of how many damages of one kind were tried. */
export function count(what: string, damages: readonly unknown[]): void {
  tried.push(`${what} ${damages.length}`);
}
