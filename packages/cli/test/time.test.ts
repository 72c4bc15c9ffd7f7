import { describe, expect, test } from 'vitest';
import { Failure } from '../src/failure.js';
import { compareDecimal, formatTime, parseTime } from '../src/text/time.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const ns = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;
const parse = (text: string) => parseTime(text, '--since', NOW);

describe('parseTime', () => {
  test('takes a length of time before now', () => {
    expect(parse('90s')).toBe(ns('2026-11-24T11:58:30Z'));
    expect(parse('10m')).toBe(ns('2026-11-24T11:50:00Z'));
    expect(parse('2h')).toBe(ns('2026-11-24T10:00:00Z'));
    expect(parse('3d')).toBe(ns('2026-11-21T12:00:00Z'));
    expect(parse('1w')).toBe(ns('2026-11-17T12:00:00Z'));
  });

  test('takes ISO dates and times, in UTC where they name no zone', () => {
    expect(parse('2026-11-24')).toBe(ns('2026-11-24T00:00:00Z'));
    expect(parse('2026-11-24T09:30')).toBe(ns('2026-11-24T09:30:00Z'));
    expect(parse('2026-11-24 09:30:05')).toBe(ns('2026-11-24T09:30:05Z'));
    expect(parse('2026-11-24T09:30:05.25Z')).toBe(ns('2026-11-24T09:30:05.250Z'));
    expect(parse('2026-11-24T09:30:05+02:00')).toBe(ns('2026-11-24T07:30:05Z'));
    expect(parse('2026-11-24T09:30:05.123456789Z')).toBe(ns('2026-11-24T09:30:05Z') + 123_456_789n);
  });

  test.each(['', 'yesterday', '10', '-5m', '5 m', '10y', '2026-13-01', '2026-02-31', '2026-11-24T25:00', '1e3s'])(
    'refuses %j, and says what is allowed',
    (text) => {
      expect(() => parse(text)).toThrow(Failure);
      expect(() => parse(text)).toThrow(/^--since .*90s, 10m, 2h, 3d, 1w.*2026-11-24T09:30:00Z/);
    },
  );
});

test('formatTime gives UTC with milliseconds, and what is no time as it is', () => {
  expect(formatTime('1795522530123456789')).toBe('2026-11-24T12:15:30.123Z');
  expect(formatTime('0')).toBe('1970-01-01T00:00:00.000Z');
  expect(formatTime('99999999999999999999')).toMatch(/^(?:5138-|99999)/);
  expect(formatTime('soon')).toBe('soon');
});

test('compareDecimal orders by value', () => {
  expect(['10', '9', '100', '11'].sort(compareDecimal)).toEqual(['9', '10', '11', '100']);
});
