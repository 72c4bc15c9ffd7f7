const NANOSECONDS = /^(?:0|[1-9][0-9]*)$/;
const MILLISECONDS = /^(0|[1-9][0-9]*)\.([0-9]{6})$/;
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

/** The opposite of {@link toEpochMillis}; `undefined` when it is not that. */
export function fromEpochMillis(milliseconds: unknown): string | undefined {
  const [, whole, fraction] = (typeof milliseconds === 'string' && MILLISECONDS.exec(milliseconds)) || [];
  if (whole === undefined || fraction === undefined) return undefined;
  return whole === '0' ? fraction.replace(/^0{1,5}/, '') : whole + fraction;
}
