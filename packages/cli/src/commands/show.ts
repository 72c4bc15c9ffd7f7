import { hash } from 'node:crypto';
import { segmentName } from '@botaudit/journal';
import { ATTR_BOT_ACTION_ATTEMPT_RECORD_ID, ATTR_BOT_TRIGGER_RECORD_ID } from '@botaudit/record';
import { onRecord } from '../access/access.js';
import { EXIT } from '../failure.js';
import { type FoundRecord, findRecord } from '../journal/find-record.js';
import { causedBy, hasId, outcomeOf } from '../journal/line-fields.js';
import { type JournalOptions, locateJournal } from '../journal/locate.js';
import { mergeByTime } from '../journal/merge.js';
import { Output } from '../output.js';
import { harmless, harmlessJson } from '../text/harmless.js';
import { fieldLines, fieldsOf } from '../text/record-details.js';
import { RecordLines, textOf } from '../text/record-line.js';
import { Reading } from './reading.js';

/** Options of `botaudit show`. */
export interface ShowOptions extends JournalOptions {
  readonly json?: boolean | undefined;
}

/** Of what a record led to, this much is shown. */
const MOST_EFFECTS = 100;

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
  const directory = await locateJournal(options);
  const { json, config } = options;
  const asked = { id, json };
  const request = {
    event: 'audit.log.read',
    command: 'show',
    journal: directory,
    asked,
    config,
  } as const;
  await onRecord(request, async (access) => {
    const reading = new Reading(directory);
    const shown = findRecord(reading, id);
    const related = findRelated(reading, shown);
    const output = new Output();
    const { trigger, attempt, outcome, effects } = related;
    access.records = 1 + [trigger, attempt, outcome].filter((line) => line !== undefined).length + effects.length;
    access.details = { record_id: shown.id };
    if (json) {
      const line = asJson(shown, related);
      output.line(output.isTerminal ? harmlessJson(line) : line);
    } else {
      for (const line of asText(shown, related, reading, output)) output.line(line);
    }
    await output.flush();
    process.exitCode = reading.finish(EXIT.ok);
  });
}

function findRelated(reading: Reading, { id, record, read: { line: own } }: FoundRecord): Related {
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

function asJson({ stream, read, id }: FoundRecord, { trigger, attempt, outcome, effects }: Related): string {
  const { line, number, segment, offset } = read;
  const place = { id, hash: hash('sha256', line), stream: stream.streamId, number, segment, offset };
  // Records stand in it as they are in the journal, byte for byte.
  const lines = Object.entries({ record: line, trigger, attempt, outcome }).map(
    ([name, text]) => `,"${name}":${text ?? 'null'}`,
  );
  return `${JSON.stringify(place).slice(0, -1)}${lines.join('')},"effects":[${effects.join(',')}]}`;
}

function asText(
  { stream, read, id, record }: FoundRecord,
  related: Related,
  reading: Reading,
  output: Output,
): string[] {
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
