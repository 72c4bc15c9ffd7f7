import {
  ATTR_AUDIT_RECORD_ID,
  ATTR_AUDIT_SEQUENCE_END,
  ATTR_AUDIT_SEQUENCE_NUMBER,
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_ACTION_STAGE,
  type AuditRecord,
  decodeRecord,
} from '@botaudit/record';

/*
 * What the journal itself has to know of a record. A canonical line holds an attribute in exactly one way, and nowhere
 * else can these characters stand in it: a quote inside a string is escaped, and maps within attributes and body are
 * lists of keys and values. So a line can be asked without being parsed: a reader asks every line.
 */
const NUMBER = `"${ATTR_AUDIT_SEQUENCE_NUMBER}":{"intValue":`;
const END = `"${ATTR_AUDIT_SEQUENCE_END}":{"boolValue":true}`;
const STAGE = `"${ATTR_BOT_ACTION_STAGE}":{"stringValue":`;

const ZERO = 48;
const NINE = 57;

/** The sequence number of a line, or `undefined` when the line is not a sealed record. */
export function sequenceNumber(line: string): number | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  const at = line.indexOf(NUMBER);
  if (at === -1) return undefined;
  // What the loss of power leaves of a page that was not written, in the middle of a line that else looks whole.
  if (line.includes('\0')) return undefined;
  let number = 0;
  for (let index = at + NUMBER.length; ; index++) {
    const digit = line.charCodeAt(index);
    if (!(digit >= ZERO && digit <= NINE)) break;
    number = number * 10 + digit - ZERO;
  }
  return number > 0 && Number.isSafeInteger(number) ? number : undefined;
}

/** Whether a line is the last of a stream that was closed gracefully. */
export function endsStream(line: string): boolean {
  return line.includes(END);
}

/** A record of a two-stage action. */
export interface Stage {
  readonly stage: 'attempt' | 'outcome';
  /** The id of the attempt: its own for an attempt, the one it names for an outcome. */
  readonly attemptId: string;
}

/** The stage that a line stands for, or `undefined` when it is not of a two-stage action. */
export function stageOf(line: string): Stage | undefined {
  const attributes = line.includes(STAGE) ? decode(line)?.attributes : undefined;
  const stage = attributes?.[ATTR_BOT_ACTION_STAGE];
  if (stage !== 'attempt' && stage !== 'outcome') return undefined;
  const attemptId = attributes?.[stage === 'attempt' ? ATTR_AUDIT_RECORD_ID : ATTR_BOT_ACTION_ATTEMPT_RECORD_ID];
  return typeof attemptId === 'string' ? { stage, attemptId } : undefined;
}

function decode(line: string): AuditRecord | undefined {
  try {
    return decodeRecord(line);
  } catch {
    // It only looks like a record; verification says what is wrong with it.
    return undefined;
  }
}
