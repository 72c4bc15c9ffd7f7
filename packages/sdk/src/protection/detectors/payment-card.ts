import { beginsHere, codeAt, endsHere, isDigit, isSpace, nextDigit } from './characters.js';
import type { Detector, Span } from './detector.js';

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

/** Maestro's are of any. */
const MAESTRO = [12, 13, 14, 15, 16, 17, 18, 19];

/** A brand's numbers: their first digits, from and to, and their lengths. Obsolete ones of 13 digits look like an EAN. */
const BRANDS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4, 4, [16, 19]], // Visa
  [51, 55, [16]], // Mastercard
  [2221, 2720, [16]],
  [34, 34, [15]], // American Express
  [37, 37, [15]],
  [6011, 6011, [16, 19]], // Discover
  [644, 649, [16, 19]],
  [65, 65, [16, 19]],
  [3528, 3589, [16, 19]], // JCB
  [300, 305, [14, 16, 19]], // Diners Club
  [3095, 3095, [14, 16, 19]],
  [36, 36, [14, 19]],
  [38, 39, [14, 16, 19]],
  [62, 62, [16, 19]], // UnionPay
  [81, 81, [16, 19]],
  [2200, 2204, [16, 19]], // Mir
  [60, 60, [16]], // RuPay
  [5018, 5018, MAESTRO], // Maestro
  [5020, 5020, MAESTRO],
  [5038, 5038, MAESTRO],
  [5893, 5893, MAESTRO],
  [6304, 6304, MAESTRO],
  [6759, 6759, MAESTRO],
  [6761, 6763, MAESTRO],
];

/** Numbers of payment cards: by their brand's first digits and length, and the last digit (Luhn). */
export const PAYMENT_CARD: Detector = {
  kind: 'payment_card',
  mayHold: ({ digits }) => digits >= MIN_DIGITS,
  find(text, from) {
    for (let index = nextDigit(text, from); index !== -1; index = nextDigit(text, index)) {
      const found = beginsHere(text, index) ? cardAt(text, index) : undefined;
      if (found) return found;
      while (isDigit(codeAt(text, index))) index++;
    }
    return undefined;
  },
};

/** Reads digits in one piece, or in groups that one kind of separator parts; each end of a group may be the end. */
function cardAt(text: string, start: number): Span | undefined {
  let digits = '';
  let separator: number | undefined;
  const groups: number[] = [];
  let found: Span | undefined;
  let index = start;
  for (;;) {
    const begin = index;
    while (isDigit(codeAt(text, index)) && digits.length <= MAX_DIGITS) digits += text[index++];
    groups.push(index - begin);
    if (digits.length > MAX_DIGITS) return found;
    if (digits.length >= MIN_DIGITS && isGrouped(groups) && endsHere(text, index) && isCardNumber(digits))
      found = { start, end: index };
    const next = codeAt(text, index);
    if (!isSpace(next) && next !== 0x2d) return found;
    if ((separator !== undefined && separator !== next) || !isDigit(codeAt(text, index + 1))) return found;
    separator = next;
    index++;
  }
}

/** In one piece, in fours with a rest, or as American Express and Diners Club print them: 4, 6, 5 or 4. */
function isGrouped(groups: readonly number[]): boolean {
  if (groups.length === 1) return true;
  if (groups.length === 3 && groups[0] === 4 && groups[1] === 6) return groups[2] === 5 || groups[2] === 4;
  return groups.every((length, index) => (index < groups.length - 1 ? length === 4 : length <= 4));
}

function isCardNumber(digits: string): boolean {
  const isOfBrand = BRANDS.some(([from, to, lengths]) => {
    const first = Number(digits.slice(0, String(from).length));
    return first >= from && first <= to && lengths.includes(digits.length);
  });
  return isOfBrand && hasLuhnDigit(digits);
}

/** ISO/IEC 7812-1, annex B. */
function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, twice = false; index >= 0; index--, twice = !twice) {
    const digit = digits.charCodeAt(index) - 0x30;
    const value = twice ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
