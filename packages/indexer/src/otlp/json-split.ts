/** The text of an export request without its log records, and their texts. */
export interface SplitRequest {
  /** In place of the members of each `logRecords` it has the number of that list, as the only member. */
  readonly rest: string;
  /** Texts of the members of each list. That they are JSON is not looked at. */
  readonly lists: readonly (readonly string[])[];
}

/** How deep the members of `resourceLogs[].scopeLogs[]` are. */
const SCOPE_DEPTH = 5;
const NAME = '"logRecords"';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Takes the log records of an export request apart without parsing them: each can then be parsed when its turn comes, and
 * is garbage before the next one, where those of a whole request would outlive several collections of it.
 *
 * @returns `undefined` when a name is spelled in a way that would have to be parsed to be known.
 */
export function splitRequest(text: string): SplitRequest | undefined {
  const lists: string[][] = [];
  let rest = '';
  let copied = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth++;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case QUOTE: {
        const end = endOfText(text, at);
        if (depth === SCOPE_DEPTH) {
          const colon = afterSpace(text, end);
          const start = afterSpace(text, colon + 1);
          if (text.charCodeAt(colon) === COLON) {
            if (text.slice(at, end).includes('\\')) return undefined;
            if (text.charCodeAt(start) === OPEN_LIST && text.startsWith(NAME, at) && end - at === NAME.length) {
              const { members, close } = membersOf(text, start);
              rest += `${text.slice(copied, start + 1)}${lists.length}`;
              lists.push(members);
              copied = close;
              at = close;
              continue;
            }
          }
        }
        at = end - 1;
      }
    }
  }
  return { rest: rest + text.slice(copied), lists };
}

/** The members of the list that opens at `open`, and where it closes. */
function membersOf(text: string, open: number): { readonly members: string[]; readonly close: number } {
  const members: string[] = [];
  let start = open + 1;
  let depth = 0;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth++;
    else if (code === COMMA && depth === 0) {
      members.push(text.slice(start, at));
      start = at + 1;
    } else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && --depth < 0) break;
  }
  // A list without members has nothing but space.
  if (members.length > 0 || afterSpace(text, start) < at) members.push(text.slice(start, at));
  return { members, close: at };
}

/** Where the text that opens at `open` is over: behind its closing quote. */
function endOfText(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (quote - before) % 2 === 1;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
  return at;
}
