import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmless, harmlessJson } from '../src/text/harmless.js';

/** What must never reach a person's terminal from a record, written down apart from the code under test. */
function isHarmful(codePoint: number): boolean {
  return (
    codePoint < 0x20 ||
    (codePoint >= 0x7f && codePoint <= 0x9f) ||
    codePoint === 0xad ||
    codePoint === 0x034f ||
    codePoint === 0x061c ||
    codePoint === 0x115f ||
    codePoint === 0x1160 ||
    codePoint === 0x180e ||
    (codePoint >= 0x200b && codePoint <= 0x200f) ||
    (codePoint >= 0x2028 && codePoint <= 0x202e) ||
    (codePoint >= 0x2060 && codePoint <= 0x206f) ||
    codePoint === 0x3164 ||
    (codePoint >= 0xd800 && codePoint <= 0xdfff) ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f) ||
    codePoint === 0xfeff ||
    codePoint === 0xffa0 ||
    (codePoint >= 0xfff9 && codePoint <= 0xfffb) ||
    (codePoint >= 0xe0000 && codePoint <= 0xe0fff)
  );
}

const harmfulUnit = fc
  .constantFrom(0x00, 0x07, 0x08, 0x09, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9b, 0x9d, 0xad, 0x61c, 0x200b, 0x200d, 0x200e)
  .map((code) => String.fromCharCode(code));
const moreHarmful = fc.constantFrom('\u2028', '\u202e', '\u2066', '\u2069', '\ufeff', '\ud800', '\udc00', '\u{e0041}');
const hostile = fc
  .array(fc.oneof(harmfulUnit, moreHarmful, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));

describe('harmless', () => {
  test('leaves nothing that moves, reorders or hides text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const char of harmless(text)) expect(isHarmful(char.codePointAt(0)!)).toBe(false);
      }),
    );
  });

  test('shows what was there as a visible escape', () => {
    expect(harmless('a\u001b[2Jb')).toBe('a\\u001b[2Jb');
    expect(harmless('one\ntwo\tthree\r')).toBe('one\\ntwo\\tthree\\r');
    expect(harmless('evil\u202egnp.exe')).toBe('evil\\u202egnp.exe');
    expect(harmless('zero\u200bwidth')).toBe('zero\\u200bwidth');
    expect(harmless('lone\ud83d')).toBe('lone\\ud83d');
    expect(harmless('tag\u{e0041}')).toBe('tag\\u{e0041}');
  });

  test('leaves the languages of the world and emoji as they are', () => {
    for (const text of ['Zażółć gęślą jaźń', 'Привет', '你好', 'こんにちは', 'שלום', 'नमस्ते', '😀🚀', 'é']) {
      expect(harmless(text)).toBe(text);
    }
  });

  test('lets combining marks not pile up over other lines', () => {
    expect(harmless(`a${'\u0301'.repeat(5)}`)).toBe(`a${'\u0301'.repeat(3)}\\u0301\\u0301`);
  });
});

describe('harmlessJson', () => {
  test('leaves nothing harmful and keeps the value', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = harmlessJson(JSON.stringify({ text }));
        for (const char of shown) expect(isHarmful(char.codePointAt(0)!)).toBe(false);
        expect(JSON.parse(shown)).toEqual({ text });
      }),
    );
  });
});
