/**
 * What can move a cursor, reorder or hide text: controls (C0, C1, ESC, newlines), format characters (bidi marks and
 * overrides, zero-width ones, tags), surrogates, private-use and unassigned code points, line separators, and whatever
 * else Unicode lets a display leave out.
 */
const HARMFUL = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** Combining marks beyond the third on one character: they pile up over the lines above and below. */
const PILED_UP = /(?<=\p{M}{3})\p{M}/u;

const ESCAPED = new RegExp(`${HARMFUL.source}|${PILED_UP.source}`, 'gu');

/** Nearly every value: nothing to look for. Holds the arrows that lines of records are laid out with. */
const HARMLESS = /^[\x20-\x7e→←]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * `text` as it may be shown to a person: one line, and what could do harm there as a visible escape (`\n`, `\u001b`,
 * `\u{e0001}`). Names of chats and descriptions of errors are chosen by whoever attacks the bot.
 */
export function harmless(text: string): string {
  if (HARMLESS.test(text)) return text;
  return text.replace(ESCAPED, (char) => SHORT[char] ?? escapeOf(char.codePointAt(0)!));
}

/**
 * A line of JSON as it may be shown on a terminal: the same value, with everything that could do harm there as JSON's
 * own escapes. A line of JSON holds such characters within its strings alone.
 */
export function harmlessJson(line: string): string {
  if (HARMLESS.test(line)) return line;
  return line.replace(ESCAPED, (char) => {
    let escaped = '';
    for (let i = 0; i < char.length; i++) escaped += escapeOf(char.charCodeAt(i));
    return escaped;
  });
}

function escapeOf(codePoint: number): string {
  const hex = codePoint.toString(16);
  return codePoint > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
