const NANOSECONDS = /^(?:0|[1-9][0-9]*)$/;
const DIGITS = 6;

/** Whether a record's timestamp has one form alone, so that it comes back from a document as it was. */
export function isDecimal(nanoseconds: string): boolean {
  return NANOSECONDS.test(nanoseconds);
}

/** Nanoseconds since the epoch as Elasticsearch's `epoch_millis` with six more digits: nothing of them is lost. */
export function toEpochMillis(nanoseconds: string): string {
  const digits = nanoseconds.length > DIGITS ? nanoseconds : nanoseconds.padStart(DIGITS + 1, '0');
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}
