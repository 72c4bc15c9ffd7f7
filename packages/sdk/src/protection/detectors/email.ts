import { codeAt, isDigit, isLetter, isWord } from './characters.js';
import type { Detector, Span } from './detector.js';

/** RFC 5321: of the part before the `@`, and of the domain. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 253;

/** Ends of file names; none is a top-level domain. */
const FILE_ENDS: ReadonlySet<string> = new Set(
  'png jpg jpeg gif svg webp css json html js mjs cjs ts tsx jsx txt pdf xml yaml yml log exe'.split(' '),
);

/** `name@domain.tld`, also with `%40`. Not users of hosts (`git@host:path`, `ssh://user@host`), nor `package@1.2.3`. */
export const EMAIL: Detector = {
  kind: 'email',
  mayHold: ({ ats }) => ats > 0,
  find(text, from) {
    for (let at = nextAt(text, from); at !== -1; at = nextAt(text, at + 1)) {
      const found = addressAt(text, at, from);
      if (found) return found;
    }
    return undefined;
  },
};

/** Where the next `@` is, or `%40`. */
function nextAt(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x40) return index;
    if (code === 0x25 && text.startsWith('40', index + 1)) return index;
  }
  return -1;
}

function addressAt(text: string, at: number, from: number): Span | undefined {
  const start = localStart(text, at, from);
  if (start === at) return undefined;
  const domain = at + (codeAt(text, at) === 0x40 ? 1 : 3);
  const end = domainEnd(text, domain);
  if (end === undefined || isUserOfHost(text, start, at, end)) return undefined;
  return { start, end };
}

/** Where the part before the `@` begins; `at` itself where there is none. */
function localStart(text: string, at: number, from: number): number {
  let start = at;
  const earliest = Math.max(from, at - MAX_LOCAL);
  while (start > earliest && isLocal(codeAt(text, start - 1))) start--;
  // A quote or a dot before it is not of it.
  while (start < at && !isWord(codeAt(text, start)) && codeAt(text, start) !== 0x2b) start++;
  return start;
}

/** Letters, digits and `. _ % + - '`; others are allowed, and part it from what stands before in URLs and settings. */
function isLocal(code: number): boolean {
  return isWord(code) || code === 0x2e || code === 0x25 || code === 0x2b || code === 0x2d || code === 0x27;
}

/** Where a domain ends that begins at `start`; `undefined` where there is none. */
function domainEnd(text: string, start: number): number | undefined {
  const latest = Math.min(text.length, start + MAX_DOMAIN);
  let end: number | undefined;
  let numeric = 0;
  let label = start;
  for (let index = start; index <= latest; index++) {
    const code = index < latest ? codeAt(text, index) : Number.NaN;
    if (isLetter(code) || isDigit(code) || code === 0x2d) continue;
    if (index === label) break;
    const name = text.slice(label, index);
    // A first label alone is a host's name; of several numbers, as in 1.0.rc, a version.
    if (label > start && numeric < 2 && isTopLevel(name)) end = index;
    if (/^\d+$/.test(name)) numeric++;
    if (code !== 0x2e) break;
    label = index + 1;
  }
  return end;
}

function isTopLevel(label: string): boolean {
  if (label.length < 2 || label.length > 63) return false;
  if (/^xn--[a-z0-9-]*[a-z0-9]$/i.test(label)) return true;
  for (let index = 0; index < label.length; index++) if (!isLetter(codeAt(label, index))) return false;
  return !FILE_ENDS.has(label.toLowerCase());
}

function isUserOfHost(text: string, start: number, at: number, end: number): boolean {
  if (text.startsWith('://', start - 3)) return true;
  if (codeAt(text, end) !== 0x3a) return text.slice(start, at) === 'git' && codeAt(text, end) === 0x2f;
  const next = codeAt(text, end + 1);
  return next === 0x2f || next === 0x7e || text.slice(start, at) === 'git';
}
