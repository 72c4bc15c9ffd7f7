import {
  ATTR_AUDIT_ACTION,
  ATTR_AUDIT_ACTOR_ID,
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_REASON,
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_TARGET_ID,
  ATTR_BOT_API_METHOD,
  ATTR_BOT_CHAT_ID,
  ATTR_BOT_COMMAND_NAME,
  ATTR_BOT_ID,
  ATTR_BOT_TRIGGER_RECORD_ID,
  ATTR_ERROR_MESSAGE,
  ATTR_ERROR_TYPE,
  type AuditRecord,
} from '@botaudit/record';
import { type Cell, Columns, type Paint, type Style } from './columns.js';
import { formatTime } from './time.js';

const MARKS: Readonly<Record<string, { text: string; style: Style }>> = {
  success: { text: '✓', style: 'green' },
  failure: { text: '✗', style: 'red' },
  unknown: { text: '?', style: 'yellow' },
};

/** From these widths of a terminal on, a line holds more. */
const MEDIUM = 100;
const WIDE = 160;

/** Digits of a record's id in a line: enough for `show`, and for the eye to match a cause. */
const ID_DIGITS = 8;

const MINIMUM = [24, 0, 1, 7, 28, 18, 14, 0, 0, 0, 0];

/**
 * Records for a person, one a line: time (UTC), the beginning of the record's id, outcome, action, actor → target, event,
 * command or API method, bot, chat, ← the beginning of its cause's id, and what went wrong.
 */
export class RecordLines {
  readonly #columns: Columns;
  readonly #output: { readonly width: number };

  /** @param output where the lines go; its width is asked for each line, since a terminal can be resized. */
  constructor(output: { readonly paint: Paint; readonly width: number }) {
    this.#output = output;
    this.#columns = new Columns(output.paint, MINIMUM);
  }

  /** One line, harmless, without its newline. */
  line(record: AuditRecord): string {
    const { width } = this.#output;
    return this.#columns.line(cellsOf(record, width), width);
  }
}

function cellsOf(record: AuditRecord, width: number): Cell[] {
  const text = (name: string) => textOf(record, name);
  const outcome = text(ATTR_AUDIT_OUTCOME);
  const target = text(ATTR_AUDIT_TARGET_ID);
  const cause = text(ATTR_BOT_TRIGGER_RECORD_ID);
  const wide = width >= WIDE;
  return [
    { text: formatTime(record.timestamp), style: 'dim' },
    { text: width >= MEDIUM ? text(ATTR_AUDIT_RECORD_ID).slice(0, ID_DIGITS) : '', style: 'dim' },
    MARKS[outcome] ?? { text: '·' },
    { text: text(ATTR_AUDIT_ACTION), style: 'bold' },
    { text: text(ATTR_AUDIT_ACTOR_ID) + (target && ` → ${target}`) },
    { text: record.eventName, style: 'cyan' },
    { text: text(ATTR_BOT_COMMAND_NAME) || text(ATTR_BOT_API_METHOD) },
    { text: wide ? text(ATTR_BOT_ID) : '' },
    { text: wide ? text(ATTR_BOT_CHAT_ID) : '' },
    { text: cause && `← ${cause.slice(0, ID_DIGITS)}`, style: 'dim' },
    { text: outcome === 'failure' ? problemOf(record) : '', style: 'red' },
  ];
}

function problemOf(record: AuditRecord): string {
  return [ATTR_ERROR_TYPE, ATTR_ERROR_MESSAGE, ATTR_AUDIT_REASON]
    .map((name) => textOf(record, name))
    .filter((text) => text !== '')
    .join(' ');
}

/** An attribute as text; empty where the record has none. */
export function textOf(record: AuditRecord, name: string): string {
  const value = record.attributes[name];
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
