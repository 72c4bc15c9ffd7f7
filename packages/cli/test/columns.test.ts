import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Columns, cutTo, displayWidth } from '../src/text/columns.js';

const plain = (_style: string, text: string) => text;

describe('columns', () => {
  test('aligns what follows a shorter value', () => {
    const columns = new Columns(plain, [4, 2]);
    expect(columns.line([{ text: 'ab' }, { text: 'c' }, { text: 'd' }], Infinity)).toBe('ab   c  d');
    expect(columns.line([{ text: 'abcdef' }, { text: 'c' }, { text: 'd' }], Infinity)).toBe('abcdef c  d');
    expect(columns.line([{ text: 'ab' }, { text: 'c' }, { text: 'd' }], Infinity)).toBe('ab     c  d');
  });

  test('aligns by what a terminal shows, not by the length of a string', () => {
    const columns = new Columns(plain, [6]);
    expect(columns.line([{ text: '你好' }, { text: '|' }], Infinity)).toBe('你好   |');
    expect(columns.line([{ text: '😀' }, { text: '|' }], Infinity)).toBe('😀     |');
  });

  test('leaves an empty column out that nothing ever filled, and ends no line with spaces', () => {
    const columns = new Columns(plain, [3, 0, 0]);
    expect(columns.line([{ text: 'a' }, { text: '' }, { text: 'c' }], Infinity)).toBe('a   c');
    expect(columns.line([{ text: 'a' }, { text: '' }, { text: '' }], Infinity)).toBe('a');
  });

  test('cuts where the terminal ends', () => {
    const columns = new Columns(plain, [3, 3, 3]);
    expect(columns.line([{ text: 'abc' }, { text: 'abcdef' }, { text: 'ghi' }], 8)).toBe('abc abc…');
    expect(columns.line([{ text: 'abc' }, { text: '你好吗' }], 8)).toBe('abc 你…');
  });

  test('no line is wider than the terminal, whatever the values', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { maxLength: 6 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 60 }),
        (rows, width) => {
          const columns = new Columns(plain, [4, 4]);
          for (const row of rows) {
            const line = columns.line(
              row.map((text) => ({ text })),
              width,
            );
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
            expect(line.isWellFormed()).toBe(true);
          }
        },
      ),
    );
  });
});

test('cutTo counts the ellipsis', () => {
  expect(cutTo('abcdef', 4)).toBe('abc…');
  expect(cutTo('abcd', 4)).toBe('abcd');
  expect(cutTo('abcd', 0)).toBe('');
});
