import { beginsHere, codeAt, endsHere, isDigit, isSpace, isWord, nextDigit } from './characters.js';
import type { Detector, Span } from './detector.js';

/** ITU-T E.164. Numbers of fewer than nine digits, with the country's, are those of small islands, and of everything else. */
const MAX_DIGITS = 15;
const MIN_DIGITS = 9;
/** With what stands between the digits. */
const MAX_LENGTH = 32;

/** Country codes of one and two digits; all others of E.164 have three, and begin with one of these pairs. */
const SHORT_CODES = new Set(
  (
    '1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 ' +
    '90 91 92 93 94 95 98'
  ).split(' '),
);
const LONG_CODES = new Set('21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99'.split(' '));

/**
 * Phone numbers with their country's code (`+49 30 1234567`, `0049 30 1234567`), and those of North America in groups
 * (`(212) 555-0123`, `212-555-0123`). Others look like any number.
 */
export const PHONE: Detector = {
  kind: 'phone',
  mayHold: ({ digits }) => digits >= MIN_DIGITS,
  find(text, from) {
    for (let index = nextDigit(text, from); index !== -1; index = nextDigit(text, index)) {
      const before = index > from ? codeAt(text, index - 1) : 0;
      const found =
        (before === PLUS || before === OPEN ? numberAt(text, index - 1, before) : undefined) ??
        (before === PLUS ? undefined : numberAt(text, index, codeAt(text, index)));
      if (found) return found;
      while (isDigit(codeAt(text, index))) index++;
    }
    return undefined;
  },
};

const PLUS = 0x2b;
const OPEN = 0x28;
const CLOSE = 0x29;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;

function numberAt(text: string, start: number, code: number): Span | undefined {
  if (code === PLUS) {
    const before = codeAt(text, start - 1);
    return isWord(before) || before === PLUS ? undefined : international(text, start, start + 1);
  }
  if (!beginsHere(text, start)) return undefined;
  if (code === 0x30 && codeAt(text, start + 1) === 0x30) return international(text, start, start + 2);
  return northAmerican(text, start);
}

/** @param from where the country's code begins, after `+` or `00`. */
function international(text: string, start: number, from: number): Span | undefined {
  let digits = '';
  /** Digits, and what stands between them, up to the last whole group. */
  let number = '';
  let between = '';
  let end = from;
  let separators = '';
  for (let index = from; index < start + MAX_LENGTH; index++) {
    const code = codeAt(text, index);
    if (isDigit(code)) {
      // One that would be too long ends with the group before; in one piece it is none.
      if (digits.length === MAX_DIGITS) {
        if (separators === '') return undefined;
        break;
      }
      digits += text[index];
      if (isDigit(codeAt(text, index + 1))) continue;
      end = index + 1;
      number = digits;
      between = separators;
    } else if (!isSeparator(code) || (isSeparator(codeAt(text, index - 1)) && isSeparator(codeAt(text, index - 2)))) {
      break;
    } else if (separators.startsWith('.') && code !== DOT) {
      // Numbers with dots have nothing else; of coordinates another follows.
      break;
    } else {
      separators += text[index];
    }
  }
  if (isWord(codeAt(text, end)) || !isDigit(codeAt(text, from))) return undefined;
  // A decimal, such as a coordinate; and 0049… in one piece is a number filled up with zeros.
  if (between === '.' || (between === '' && from - start === 2)) return undefined;
  return isNumber(number) ? { start, end } : undefined;
}

function isSeparator(code: number): boolean {
  return isSpace(code) || code === DASH || code === DOT || code === SLASH || code === OPEN || code === CLOSE;
}

function isNumber(digits: string): boolean {
  if (digits.length < MIN_DIGITS) return false;
  if (digits.startsWith('1')) return digits.length === 11 && /^1[2-9]/.test(digits);
  const two = digits.slice(0, 2);
  const country = digits.startsWith('7') ? 1 : SHORT_CODES.has(two) ? 2 : LONG_CODES.has(two) ? 3 : 0;
  if (country === 0) return false;
  // No number goes on with 0 but Italy's, and those that are written +44 (0)20.
  return digits[country] !== '0' || two === '39' || /^[1-9]/.test(digits.slice(country + 1));
}

/** `(212) 555-0123`, `212-555-0123`, `212.555.0123`, also after `1-`. Areas and exchanges begin with 2 to 9. */
function northAmerican(text: string, start: number): Span | undefined {
  let index = start;
  if (codeAt(text, index) === 0x31 && isDashOrDot(codeAt(text, index + 1))) index += 2;
  const hasParentheses = codeAt(text, index) === OPEN;
  if (hasParentheses) index++;
  if (!isArea(text, index)) return undefined;
  index += 3;
  let separator = codeAt(text, index);
  if (hasParentheses) {
    if (separator !== CLOSE) return undefined;
    index++;
    if (isSpace(codeAt(text, index))) index++;
    if (!isArea(text, index)) return undefined;
    separator = codeAt(text, index + 3);
    if (!isDashOrDot(separator) && !isSpace(separator)) return undefined;
  } else {
    if (!isDashOrDot(separator) || !isArea(text, ++index) || codeAt(text, index + 3) !== separator) return undefined;
  }
  index += 4;
  if (digitsFrom(text, index) !== 4) return undefined;
  return endsHere(text, index + 4) ? { start, end: index + 4 } : undefined;
}

function isArea(text: string, index: number): boolean {
  const first = codeAt(text, index);
  return first >= 0x32 && first <= 0x39 && digitsFrom(text, index) === 3;
}

/** How many digits stand there, up to five. */
function digitsFrom(text: string, index: number): number {
  let count = 0;
  while (count < 5 && isDigit(codeAt(text, index + count))) count++;
  return count;
}

function isDashOrDot(code: number): boolean {
  return code === DASH || code === DOT;
}

/** Names of members that hold a phone number, whatever it looks like: platforms give them without `+`. */
const PHONE_NAME = /(?:^|[._-])(?:phone|phone[_-]?number|mobile|mobile[_-]?number|telephone|tel|msisdn)$/;

/** Whether the member `name` with this text holds a phone number: `phone_number: 491701234567`. */
export function isNamedPhone(name: string, text: string): boolean {
  if (text.length > MAX_LENGTH || name.length > 200) return false;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return PHONE_NAME.test(words) && /^[+(]?\d[\d ()./-]{4,}\d$/.test(text);
}
