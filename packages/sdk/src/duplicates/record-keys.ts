import {
  ATTR_AUDIT_OUTCOME,
  ATTR_AUDIT_RECORD_ID,
  ATTR_BOT_ACTION_ARGUMENTS_HASH,
  ATTR_BOT_ACTION_ATTEMPT_RECORD_ID,
  ATTR_BOT_ACTION_KEY_HASH,
  ATTR_BOT_ACTION_STAGE,
  ATTR_BOT_API_METHOD,
  ATTR_BOT_DUPLICATE,
  ATTR_BOT_DUPLICATE_OF,
  ATTR_BOT_FRAMEWORK,
  ATTR_BOT_ID,
  ATTR_BOT_TRIGGER_RECORD_ID,
  ATTR_BOT_UPDATE_ID,
  ATTR_BOT_UPDATE_TYPE,
  actionKey,
  applicationKey,
  updateKey,
} from '@botaudit/record';

/** What a record tells of something that is not to happen twice. */
export interface KeyedRecord {
  readonly kind: 'update' | 'action' | 'key';
  readonly key: string;
  /** The record that stands for it: of an outcome, its attempt. */
  readonly recordId: string;
  readonly outcome: string;
  readonly at: number;
  readonly name: string;
  readonly framework: string | undefined;
  /** It says of itself that it is not the first. */
  readonly isMarked: boolean;
}

/*
 * A canonical line holds an attribute in exactly one way, and nowhere else can these characters stand in it: a quote inside
 * a string is escaped, and maps within attributes and body are lists of keys and values.
 */
const text = (name: string): string => `"${name}":{"stringValue":"`;
const RECORD_ID = text(ATTR_AUDIT_RECORD_ID);
const OUTCOME = text(ATTR_AUDIT_OUTCOME);
const UPDATE_ID = text(ATTR_BOT_UPDATE_ID);
const UPDATE_TYPE = text(ATTR_BOT_UPDATE_TYPE);
const ARGUMENTS_HASH = text(ATTR_BOT_ACTION_ARGUMENTS_HASH);
const KEY_HASH = text(ATTR_BOT_ACTION_KEY_HASH);
const METHOD = text(ATTR_BOT_API_METHOD);
const BOT = text(ATTR_BOT_ID);
const FRAMEWORK = text(ATTR_BOT_FRAMEWORK);
const STAGE = text(ATTR_BOT_ACTION_STAGE);
const ATTEMPT = text(ATTR_BOT_ACTION_ATTEMPT_RECORD_ID);
const TRIGGER = text(ATTR_BOT_TRIGGER_RECORD_ID);
const MARKED = `"${ATTR_BOT_DUPLICATE}":{"boolValue":true}`;
const FIRST = text(ATTR_BOT_DUPLICATE_OF);
const NAME = '"EventName":"';
const OBSERVED = '"ObservedTimestamp":"';
const HANDLER_ERROR = '"EventName":"bot.handler.error"';

/** The value of an attribute, which most lines hold without anything that is escaped. */
function textAt(line: string, attribute: string): string | undefined {
  const at = line.indexOf(attribute);
  if (at === -1) return undefined;
  const from = at + attribute.length;
  const value = line.slice(from, line.indexOf('"', from));
  if (!value.includes('\\')) return value;
  let end = from;
  for (; end < line.length && line[end] !== '"'; end++) if (line[end] === '\\') end++;
  try {
    return JSON.parse(line.slice(from - 1, end + 1)) as string;
  } catch {
    // It only looks like a record; verification says what is wrong with it.
    return undefined;
  }
}

/**
 * What a line tells of something that is not to happen twice; `undefined` where it tells of nothing of that kind.
 *
 * @param keyOf the key of the update that a record tells of, by that record's id.
 */
export function keyedRecord(line: string, keyOf: (recordId: string) => string | undefined): KeyedRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  const found = keyAndKind(line, keyOf);
  const recordId = textAt(line, RECORD_ID);
  const outcome = textAt(line, OUTCOME);
  if (!found || recordId === undefined || outcome === undefined) return undefined;
  const isOutcome = textAt(line, STAGE) === 'outcome';
  return {
    ...found,
    // A copy: what is cut out of a line would keep the whole of it in memory.
    recordId: Buffer.from((isOutcome ? textAt(line, ATTEMPT) : undefined) ?? recordId).toString(),
    outcome,
    at: Number(textAt(line, OBSERVED)?.slice(0, -6)),
    name: textAt(line, NAME) ?? '',
    framework: textAt(line, FRAMEWORK),
    isMarked: line.includes(MARKED),
  };
}

/** Of a record that is marked: the first one's id. */
export function firstOf(line: string): string | undefined {
  return textAt(line, FIRST);
}

function keyAndKind(
  line: string,
  keyOf: (recordId: string) => string | undefined,
): Pick<KeyedRecord, 'kind' | 'key'> | undefined {
  const keyHash = textAt(line, KEY_HASH);
  if (keyHash !== undefined) return { kind: 'key', key: applicationKey(keyHash) };
  const bot = textAt(line, BOT);
  const argumentsHash = textAt(line, ARGUMENTS_HASH);
  if (argumentsHash !== undefined) {
    const [trigger, method] = [textAt(line, TRIGGER), textAt(line, METHOD)];
    if (trigger === undefined || method === undefined) return undefined;
    return { kind: 'action', key: actionKey(bot, keyOf(trigger) ?? trigger, method, argumentsHash) };
  }
  const updateId = textAt(line, UPDATE_ID);
  if (updateId === undefined || line.includes(HANDLER_ERROR)) return undefined;
  const key = updateKey(bot, updateId, textAt(line, UPDATE_TYPE));
  return key === undefined ? undefined : { kind: 'update', key };
}
