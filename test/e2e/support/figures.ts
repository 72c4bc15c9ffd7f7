import { appendFileSync } from 'node:fs';
import { extname } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { PlainRecord } from './records.ts';

/** What a comparison of one bot came to, as `npm run test:matrix` adds it up. */
export interface Figures {
  readonly framework: string;
  readonly version: string;
  /** Of the bot's own file. */
  readonly system: 'ESM' | 'CJS';
  readonly node: string;
  /** Calls that reached the platform. */
  readonly sent: number;
  /** Records of the end of a call. */
  readonly recorded: number;
  /** Calls that have exactly one record, with the right outcome. */
  readonly complete: number;
}

/** The files that this test has started, in order. */
let started: string[] = [];

export function noteStarted(file: string): void {
  if (started.length === 0) {
    onTestFinished(() => {
      started = [];
    });
  }
  started.push(file);
}

/**
 * Fails unless what was sent is what was recorded, each once; in any order.
 *
 * @param records all of the run, by which the framework is known.
 */
export function expectSame(
  sent: readonly string[],
  recorded: readonly string[],
  records: readonly PlainRecord[],
): void {
  noteFigures(sent, recorded, records);
  expect(recorded.toSorted()).toEqual(sent.toSorted());
}

/** Notes what a comparison came to, where somebody adds it up. */
export function noteFigures(
  sent: readonly string[],
  recorded: readonly string[],
  records: readonly PlainRecord[],
): void {
  const [file] = started;
  const destination = process.env.BOTAUDIT_MATRIX_FIGURES;
  if (!destination || file === undefined) return;
  const left = [...recorded];
  const complete = sent.filter((call) => left.includes(call) && left.splice(left.indexOf(call), 1)).length;
  const figures: Figures = {
    ...frameworkOf(records),
    system: extname(file) === '.cjs' ? 'CJS' : 'ESM',
    node: process.versions.node,
    sent: sent.length,
    recorded: recorded.length,
    complete,
  };
  appendFileSync(destination, `${JSON.stringify(figures)}\n`);
}

/** The framework that the calls were made with, as the opening of the journal names it with its version. */
function frameworkOf(records: readonly PlainRecord[]): { readonly framework: string; readonly version: string } {
  const loaded = records.flatMap(({ event, body }) =>
    event === 'audit.stream.opened' ? (body?.frameworks as { readonly name: string; readonly version: string }[]) : [],
  );
  const names = records.map(({ attributes }) => attributes['bot.framework']);
  const used = loaded.find(({ name }) => names.includes(name)) ?? loaded[0];
  return { framework: used?.name ?? 'unknown', version: used?.version ?? 'unknown' };
}
