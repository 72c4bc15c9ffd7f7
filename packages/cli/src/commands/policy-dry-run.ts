import { relative } from 'node:path';
import { type Policy, policyWarnings } from '@botaudit/sdk';
import { EXIT } from '../failure.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { mergeByTime } from '../journal/merge.js';
import { Output } from '../output.js';
import { DryRun, type Tally } from '../policy/dry-run.js';
import { Columns, displayWidth, type Paint } from '../text/columns.js';
import { harmlessJson } from '../text/harmless.js';
import { type Field, fieldLines } from '../text/record-details.js';
import { loadPolicy } from './policy-explain.js';
import { Reading } from './reading.js';

/** Options of `botaudit policy dry-run`. */
export interface PolicyDryRunOptions extends JournalOptions {
  readonly json?: boolean | undefined;
}

/** Tells what of an existing journal a policy would have kept, left out, and let fail closed. */
export async function policyDryRun(folder: string | undefined, options: PolicyDryRunOptions): Promise<void> {
  const { config, policy } = await loadPolicy(options);
  const directory = await locateJournal({ ...options, dir: folder ?? options.dir });
  const reading = new Reading(directory);
  const run = new DryRun(policy);
  // Twice, since whether something led to another is known afterwards; only once is told what can't be read.
  const again = new Reading(directory);
  for (const { read } of mergeByTime(reading.streams, () => {})) {
    const record = read.line.includes('"bot.trigger.record_id"') ? again.decode(read.line) : undefined;
    if (record) run.prepare(record);
  }
  for (const { read } of mergeByTime(reading.streams, reading.onTrouble)) {
    const record = reading.decode(read.line);
    if (record) run.take(record);
  }
  const output = new Output();
  const about: About = { file: config.file, directory, streams: reading.streams.length, policy };
  if (options.json) {
    const line = JSON.stringify(asJson(run, about));
    output.line(output.isTerminal ? harmlessJson(line) : line);
  } else {
    for (const line of lines(run, about, output.paint, output.width)) output.line(line);
  }
  await output.flush();
  process.exitCode = reading.finish(run.highRiskLeftOut > 0 ? EXIT.no : EXIT.ok);
}

interface About {
  readonly file: string | undefined;
  readonly directory: string;
  readonly streams: number;
  readonly policy: Policy;
}

function sums(tallies: readonly Tally[]) {
  const sum = (name: 'kept' | 'left_out' | 'fails_closed' | 'added') =>
    tallies.reduce((all, tally) => all + tally[name], 0);
  return { kept: sum('kept'), left_out: sum('left_out'), fails_closed: sum('fails_closed'), added: sum('added') };
}

function asJson(run: DryRun, { file, directory, streams, policy }: About): object {
  const tallies = run.tallies();
  return {
    file,
    policy_hash: policy.hash,
    directory,
    streams,
    own: run.own,
    ...sums(tallies),
    high_risk_left_out: { records: run.highRiskLeftOut, ids: run.highRisk },
    by_rule: tallies.map(({ rule, ...rest }) => ({ rule: rule?.place ?? null, ...rest })),
    unknown: {
      left_out_by_policies: [...run.unknown.leftOutBy],
      removed_segments: run.unknown.removedSegments,
      lost_records: run.unknown.lost,
    },
    warnings: policyWarnings(policy),
  };
}

function lines(run: DryRun, { file, directory, streams, policy }: About, paint: Paint, width: number): string[] {
  const tallies = run.tallies();
  const { kept, left_out, fails_closed, added } = sums(tallies);
  const all = run.own + kept + left_out;
  const from = file === undefined ? 'built in' : short(file);
  const fields: Field[] = [
    ['policy', `${from}, ${count(policy.rules.length, 'rule')}, hash ${policy.hash}`],
    ['journal', `${short(directory)}, ${count(streams, 'stream')}, ${count(all, 'record')}`],
    ['unchanged', `${count(run.own, 'record')} by which auditing tells of itself`],
    ['kept', count(kept, 'record')],
    ['left out', count(left_out, 'record')],
  ];
  if (fails_closed > 0) fields.push(['fails closed', `${count(fails_closed, 'record')} of those kept, or no action`]);
  if (added > 0) fields.push(['added', `${count(added, 'record')} of attempts, which are not there now`]);
  const result = fieldLines(fields, paint);
  if (tallies.length > 0) result.push('', ...table(tallies, paint, width));
  if (run.highRiskLeftOut > 0) {
    const some = run.highRisk.map((id) => id.slice(0, 8)).join(', ');
    const more = run.highRiskLeftOut - run.highRisk.length;
    const named = `${some}${more > 0 ? ` and ${more} more` : ''}`;
    result.push('', paint('red', `${count(run.highRiskLeftOut, 'record')} OF HIGH RISK WOULD NOT BE THERE: ${named}`));
  }
  return [...result, '', 'A journal can not tell', ...unknownLines(run, policy).map((line) => `- ${line}`)];
}

function table(tallies: readonly Tally[], paint: Paint, width: number): string[] {
  const rows = [
    ['rule', 'event', 'kept', 'left out', 'fails closed'],
    ...tallies.map(({ rule, event, kept, left_out, fails_closed }) => [
      rule?.place.key ?? 'catalogue',
      event,
      ...[kept, left_out, fails_closed].map((number) => (number === 0 ? '' : String(number))),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => displayWidth(cells[column] ?? ''))));
  const columns = new Columns(paint, widths);
  return rows.map((cells, index) =>
    columns.line(
      cells.map((text) => ({ text, style: index === 0 ? 'dim' : undefined })),
      width,
    ),
  );
}

/** What the figures leave open. */
function unknownLines({ unknown }: DryRun, policy: Policy): string[] {
  const found = ['what was never recorded: messages and other events that led to nothing that was'];
  if (unknown.leftOutBy.size > 0) {
    const hashes = [...unknown.leftOutBy].map((hash) => hash.slice(0, 8)).join(', ');
    found.push(`what policies left out by which it was written (${hashes}), and this one might keep`);
  }
  if (unknown.removedSegments > 0)
    found.push(`what was in ${count(unknown.removedSegments, 'segment')} that retention removed`);
  if (unknown.lost > 0) found.push(`what ${count(unknown.lost, 'record')} said that were lost`);
  const levels = new Set(policy.rules.map(({ level }) => level as string | undefined));
  if (levels.has('content') || levels.has('full'))
    found.push('what more would be in a record that is kept: texts, arguments');
  found.push('how often an action would be refused: what fails closed is refused only while it can not be recorded');
  return found;
}

function short(path: string): string {
  const from = relative('', path);
  return from === '' ? '.' : from.startsWith('..') ? path : from;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
