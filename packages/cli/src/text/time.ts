import { Failure } from '../failure.js';

const RELATIVE = /^(\d{1,9})(s|m|h|d|w)$/;
const SECONDS = { s: 1n, m: 60n, h: 3600n, d: 86_400n, w: 604_800n } as const;

const DATE = String.raw`(\d{4}-\d\d-\d\d)`;
const TIME = String.raw`(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`;
const ABSOLUTE = new RegExp(`^${DATE}(?:[T ]${TIME}(Z|[+-]\\d\\d:?\\d\\d)?)?$`, 'i');

/**
 * A point in time as given to `--since` and `--until`: a length of time before `now` (`90s`, `10m`, `2h`, `3d`, `1w`),
 * or an ISO 8601 date or date and time, in UTC where it names no offset, as all times are shown.
 *
 * @param now milliseconds since the epoch.
 * @returns nanoseconds since the epoch.
 * @throws {Failure} when it is neither.
 */
export function parseTime(text: string, option: string, now = Date.now()): bigint {
  const relative = RELATIVE.exec(text);
  if (relative) {
    return (
      BigInt(now) * 1_000_000n - BigInt(relative[1]!) * SECONDS[relative[2] as keyof typeof SECONDS] * 1_000_000_000n
    );
  }
  const absolute = ABSOLUTE.exec(text);
  if (absolute) {
    const [, date, time = '00:00', seconds = '00', fraction = '', zone = 'Z'] = absolute;
    const at = Date.parse(`${date}T${time}:${seconds}${zone.toUpperCase()}`);
    // Date.parse takes 31 February for 3 March; an offset moves the date, so the check is made without one.
    const written = `${date}T${time}:${seconds}`;
    if (!Number.isNaN(at) && new Date(`${written}Z`).toISOString().startsWith(written)) {
      return BigInt(at) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
    }
  }
  throw Failure.usage(
    `${option} ${JSON.stringify(text)} is no time; allowed are a length of time (90s, 10m, 2h, 3d, 1w) ` +
      'and an ISO date or time (2026-11-24, 2026-11-24T09:30:00Z)',
  );
}

/** A length of time such as `90s`, `10m`, `2h`, `3d` or `1w`, in milliseconds; `undefined` where it is none. */
export function parseLength(text: string): number | undefined {
  const [, count, unit] = RELATIVE.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * Number(SECONDS[unit as keyof typeof SECONDS]) * 1000;
}

/** A record's time for a person: ISO 8601, UTC, milliseconds; what is no time is returned as it is. */
export function formatTime(nanoseconds: string): string {
  if (!/^\d{1,20}$/.test(nanoseconds)) return nanoseconds;
  const date = new Date(Number(nanoseconds.slice(0, -6)));
  return Number.isNaN(date.getTime()) ? nanoseconds : date.toISOString();
}

/** Orders decimal strings by value; times since the epoch have no leading zeros. */
export function compareDecimal(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
