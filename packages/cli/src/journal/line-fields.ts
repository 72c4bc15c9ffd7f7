const OBSERVED = '"ObservedTimestamp":"';
const RECORD_ID = '"audit.record.id":{"stringValue":"';
const TRIGGER = '"bot.trigger.record_id":{"stringValue":"';
const ATTEMPT = '"bot.action.attempt.record_id":{"stringValue":"';

/**
 * The decimal digits of a line's `ObservedTimestamp`, found without decoding the line: within a string of JSON the
 * quotes would be escaped, so nothing else reads like it.
 */
export function observedTime(line: string): string | undefined {
  const at = line.lastIndexOf(OBSERVED);
  if (at < 0) return undefined;
  const from = at + OBSERVED.length;
  const time = line.slice(from, line.indexOf('"', from));
  return /^\d{1,20}$/.test(time) ? time : undefined;
}

/** Whether a line's `audit.record.id` begins with `prefix`. */
export function hasId(line: string, prefix: string): boolean {
  return line.includes(RECORD_ID + prefix);
}

/** Whether a line says that the record `id` led to it. */
export function causedBy(line: string, id: string): boolean {
  return line.includes(`${TRIGGER}${id}"`);
}

/** Whether a line is the outcome of the attempt `id`. */
export function outcomeOf(line: string, id: string): boolean {
  return line.includes(`${ATTEMPT}${id}"`);
}
