import { hash } from 'node:crypto';
import { segmentName } from '@botaudit/journal';
import {
  ATTR_AUDIT_RECORD_ID,
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_TRIGGER_RECORD_ID,
  type AuditRecord,
} from '@botaudit/record';
import { EXIT, Failure } from '../failure.js';
import { causedBy, hasId, outcomeOf } from '../journal/line-fields.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { type Found, mergeByTime } from '../journal/merge.js';
import { Output } from '../output.js';
import { harmless, harmlessJson } from '../text/harmless.js';
import { fieldLines, fieldsOf } from '../text/record-details.js';
import { RecordLines, textOf } from '../text/record-line.js';
import { Reading } from './reading.js';

/** Options of `botaudit show`. */
export interface ShowOptions extends JournalOptions {
  readonly json?: boolean | undefined;
}

const ID = /^[0-9a-f][0-9a-f-]{0,35}$/;

/** Of what a record led to, this much is shown. */
const MOST_EFFECTS = 100;

/** Ambiguous ids that are named. */
const MOST_NAMED = 5;

interface Shown extends Found {
  readonly id: string;
  readonly record: AuditRecord;
}

/** The lines of the records around the one shown. */
interface Related {
  trigger?: string;
  attempt?: string;
  outcome?: string;
  readonly effects: string[];
}

/**
 * Prints one record with all its fields and its place, and the records that caused it, belong to it and follow from it.
 *
 * @param id the record's id or its beginning.
 */
export async function show(id: string, options: ShowOptions): Promise<void> {
  const prefix = id.toLowerCase();
  if (!ID.test(prefix)) throw Failure.usage(`${JSON.stringify(id)} is no record id; botaudit tail prints ids`);
  const reading = new Reading(await locateJournal(options));
  const shown = findById(reading, prefix);
  if (!shown) {
    const exitCode = reading.finish(EXIT.no);
    throw new Failure(`no record's id begins with ${prefix}; botaudit search finds records by what they say`, exitCode);
  }
  const related = findRelated(reading, shown);
  const output = new Output();
  if (options.json) {
    const line = asJson(shown, related);
    output.line(output.isTerminal ? harmlessJson(line) : line);
  } else {
    for (const line of asText(shown, related, reading, output)) output.line(line);
  }
  await output.flush();
  process.exitCode = reading.finish(EXIT.ok);
}

/** @throws {Failure} when ids of several records begin so. */
function findById(reading: Reading, prefix: string): Shown | undefined {
  let first: Shown | undefined;
  const ids = new Set<string>();
  for (const found of mergeByTime(reading.streams, reading.onTrouble)) {
    if (!hasId(found.read.line, prefix)) continue;
    const record = reading.decode(found.read.line);
    if (!record) continue;
    const id = textOf(record, ATTR_AUDIT_RECORD_ID);
    if (!id.startsWith(prefix)) continue;
    first ??= { ...found, id, record };
    ids.add(id);
    if (ids.size > MOST_NAMED) break;
  }
  if (ids.size < 2) return first;
  const named = [...ids].slice(0, MOST_NAMED).join(', ');
  throw new Failure(
    `several ids begin with ${prefix}: ${named}${ids.size > MOST_NAMED ? ', …' : ''}; give more digits`,
  );
}

function findRelated(reading: Reading, { id, record, read: { line: own } }: Shown): Related {
  const trigger = textOf(record, ATTR_BOT_TRIGGER_RECORD_ID);
  const attempt = textOf(record, ATTR_BOT_ACTION_ATTEMPT_RECORD_ID);
  const related: Related = { effects: [] };
  for (const { read } of mergeByTime(reading.streams, () => {})) {
    const { line } = read;
    // Most lines mention neither this record nor those that it names.
    if (line === own) continue;
    if (trigger !== '' && hasId(line, `${trigger}"`)) related.trigger = line;
    else if (attempt !== '' && hasId(line, `${attempt}"`)) related.attempt = line;
    else if (outcomeOf(line, id)) related.outcome = line;
    else if (causedBy(line, id) && related.effects.length < MOST_EFFECTS) related.effects.push(line);
  }
  return related;
}

function asJson({ stream, read, id }: Shown, { trigger, attempt, outcome, effects }: Related): string {
  const { line, number, segment, offset } = read;
  const place = { id, hash: hash('sha256', line), stream: stream.streamId, number, segment, offset };
  // Records stand in it as they are in the journal, byte for byte.
  const lines = Object.entries({ record: line, trigger, attempt, outcome }).map(
    ([name, text]) => `,"${name}":${text ?? 'null'}`,
  );
  return `${JSON.stringify(place).slice(0, -1)}${lines.join('')},"effects":[${effects.join(',')}]}`;
}

function asText({ stream, read, id, record }: Shown, related: Related, reading: Reading, output: Output): string[] {
  const { paint } = output;
  const lines = fieldLines(
    [
      ['record', id],
      ['stream', `${stream.streamId}, number ${read.number}`],
      ['file', `${segmentName(read.segment)}, at byte ${read.offset}`],
      ['hash', hash('sha256', read.line)],
      ...fieldsOf(record),
    ],
    paint,
  );
  const records = new RecordLines(output);
  const section = (title: string, ...found: (string | undefined)[]) => {
    const shown = found.flatMap((line) => (line === undefined ? [] : (reading.decode(line) ?? [])));
    if (shown.length > 0) lines.push('', paint('bold', title), ...shown.map((other) => records.line(other)));
  };
  section('Caused by', related.trigger);
  section('Its attempt', related.attempt);
  section('Its outcome', related.outcome);
  section('Led to', ...related.effects);
  if (related.effects.length === MOST_EFFECTS) lines.push(`… the first ${MOST_EFFECTS}; search --trace finds all`);
  const missing = textOf(record, ATTR_BOT_TRIGGER_RECORD_ID);
  if (missing && !related.trigger) lines.push('', `Caused by ${harmless(missing)}, which is not in this journal`);
  return lines;
}
