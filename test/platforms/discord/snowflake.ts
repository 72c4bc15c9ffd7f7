/** The first millisecond of 2015, from which Discord counts. */
const EPOCH = 1_420_070_400_000n;
const TIMESTAMP_SHIFT = 22n;

let last = 0n;

/** An id as Discord makes them: by the time, and never the same twice. */
export function snowflake(): string {
  const now = (BigInt(Date.now()) - EPOCH) << TIMESTAMP_SHIFT;
  last = now > last ? now : last + 1n;
  return last.toString();
}
