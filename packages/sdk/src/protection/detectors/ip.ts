import { isIPv6 } from 'node:net';
import { beginsHere, codeAt, isAsciiLetter, isDigit, isWord, nextDigit } from './characters.js';
import type { Detector, Span } from './detector.js';

/** Of IPv6, with an IPv4 address at its end. */
const MAX_LENGTH = 45;

const DOT = 0x2e;
const COLON = 0x3a;
const DASH = 0x2d;
const SLASH = 0x2f;

/**
 * Addresses of IPv4 and IPv6 that can be somebody's: not those of the machine itself (127.0.0.1, ::1) and of none
 * (0.0.0.0, ::). Not numbers of versions, as far as what stands around them tells.
 */
export const IP: Detector = {
  kind: 'ip',
  mayHold: ({ dots, colons, digits }) => (dots >= 3 && digits >= 4) || colons >= 2,
  find(text, from) {
    let digit = nextDigit(text, from);
    let colon = text.indexOf(':', from);
    while (digit !== -1 || colon !== -1) {
      if (colon === -1 || (digit !== -1 && digit < colon)) {
        const found = ipv4At(text, digit);
        // One of IPv6 that ends as one of IPv4 does begins before it, and with a colon.
        if (found) return found;
        while (isDigit(codeAt(text, digit))) digit++;
        digit = nextDigit(text, digit);
      } else {
        const found = ipv6At(text, groupStart(text, colon, from));
        if (found) return found;
        colon = text.indexOf(':', colon + 1);
      }
    }
    return undefined;
  },
};

/** Where a group of IPv6 begins that ends before `colon`. */
function groupStart(text: string, colon: number, from: number): number {
  let start = colon;
  while (start > from && colon - start < 4 && isHex(codeAt(text, start - 1))) start--;
  return start;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function ipv4At(text: string, start: number): Span | undefined {
  if (!beginsHere(text, start)) return undefined;
  const end = octetsEnd(text, start);
  if (end === undefined) return undefined;
  const next = codeAt(text, end);
  if (isWord(next)) return undefined;
  // 1.3.6.1.4 is the name of an object, 1.2.3.4-rc1 a version.
  if (next === DOT && isDigit(codeAt(text, end + 1))) return undefined;
  if (next === DASH && isAsciiLetter(codeAt(text, end + 1))) return undefined;
  if (isVersion(text, start)) return undefined;
  const address = text.slice(start, end);
  return address.startsWith('127.') || address === '0.0.0.0' ? undefined : { start, end };
}

/** Where four octets end that begin at `start`; `undefined` when there are none. */
function octetsEnd(text: string, start: number): number | undefined {
  let index = start;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && codeAt(text, index++) !== DOT) return undefined;
    const begin = index;
    while (index - begin < 4 && isDigit(codeAt(text, index))) index++;
    const length = index - begin;
    if (length === 0 || length > 3 || (length > 1 && codeAt(text, begin) === 0x30)) return undefined;
    if (Number(text.slice(begin, index)) > 255) return undefined;
  }
  return index;
}

/** Whether a version's name stands before: `version 1.2.3.4`, `Chrome/120.0.0.0`. */
function isVersion(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 40), start);
  return /(?:^|[^a-z])(?:v|ver|version|release|build|firmware)[\s:=.]{0,3}$/i.test(before) || isProduct(text, start);
}

/** A product's token as in `User-Agent`: a word, and a slash; a path has a slash before the word too. */
function isProduct(text: string, start: number): boolean {
  if (codeAt(text, start - 1) !== SLASH) return false;
  let index = start - 2;
  while (start - index < 40 && (isWord(codeAt(text, index)) || codeAt(text, index) === DASH)) index--;
  const before = codeAt(text, index);
  return index < start - 2 && before !== SLASH && before !== DOT && before !== COLON;
}

function ipv6At(text: string, start: number): Span | undefined {
  const before = codeAt(text, start - 1);
  if (isWord(before) || before === COLON || before === DOT) return undefined;
  let end = start;
  let colons = 0;
  for (; end - start <= MAX_LENGTH; end++) {
    const code = codeAt(text, end);
    if (code === COLON) colons++;
    else if (!isHex(code) && !(code === DOT && colons >= 2)) break;
  }
  if (colons < 2 || end - start > MAX_LENGTH || isWord(codeAt(text, end))) return undefined;
  // A colon or a dot after it belongs to the sentence.
  while (end > start && (codeAt(text, end - 1) === DOT || endsWithColon(text, end))) end--;
  const address = text.slice(start, end);
  if (!isIPv6(address) || !isUnmistakable(address)) return undefined;
  return { start, end };
}

function endsWithColon(text: string, end: number): boolean {
  return codeAt(text, end - 1) === COLON && codeAt(text, end - 2) !== COLON;
}

/** `a::b` and `10::2` are addresses, and far more often a name or a slice of a program. */
function isUnmistakable(address: string): boolean {
  const groups = address.split(':');
  return (groups[0]?.length === 4 && /\d/.test(address)) || groups.length === 8 || /^::ffff:\d+\./i.test(address);
}
