// What a code unit is, for scanners that look at each once.

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Letters of ASCII, Latin with marks, Greek and Cyrillic: scripts that part words by spaces. */
export function isLetter(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code);
  return (code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7) || (code >= 0x370 && code <= 0x52f);
}

/** What a number or a code goes on with, so that a piece of it is none. */
export function isWord(code: number): boolean {
  return isDigit(code) || isLetter(code) || code === 0x5f;
}

/** The code unit at `index`; `NaN` outside of the text, which is no character of any kind. */
export function codeAt(text: string, index: number): number {
  return text.charCodeAt(index);
}

/** Where the next digit is, from `index` on; -1 where there is none. Most characters are looked at by this alone. */
export function nextDigit(text: string, index: number): number {
  for (let at = index; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x39 && code >= 0x30) return at;
  }
  return -1;
}

/** A space, or one that keeps a line together. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x202f;
}

/**
 * Whether a number that begins at `index` stands for itself: it does not after a letter or a digit, nor after `-` or `.`
 * that follows one, as in the parts of a UUID and of a decimal.
 */
export function beginsHere(text: string, index: number): boolean {
  const before = codeAt(text, index - 1);
  if (isWord(before)) return false;
  return !((before === 0x2d || before === 0x2e) && isWord(codeAt(text, index - 2)));
}

/** Whether a number ends before `index`: what follows does not go on with it. */
export function endsHere(text: string, index: number): boolean {
  const next = codeAt(text, index);
  if (isWord(next)) return false;
  return !((next === 0x2d || next === 0x2e) && isWord(codeAt(text, index + 1)));
}
