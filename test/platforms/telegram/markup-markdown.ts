import type { MessageEntity } from 'grammy/types';
import { badRequest } from './errors.ts';
import type { FormattedText } from './markup.ts';

type Dialect = 'legacy' | 'v2';

/** Delimiters by dialect; the longer ones first. */
const DELIMITERS: Readonly<Record<Dialect, readonly [string, MessageEntity['type']][]>> = {
  legacy: [
    ['```', 'pre'],
    ['`', 'code'],
    ['*', 'bold'],
    ['_', 'italic'],
  ],
  v2: [
    ['```', 'pre'],
    ['__', 'underline'],
    ['||', 'spoiler'],
    ['`', 'code'],
    ['*', 'bold'],
    ['_', 'italic'],
    ['~', 'strikethrough'],
  ],
};

const RESERVED = '_*[]()~`>#+-=|{}.!';

/**
 * Takes Telegram's Markdown out of a text: the old dialect or MarkdownV2.
 *
 * @throws {BotApiError} 400 when an entity is not closed, or a reserved character stands unescaped (V2).
 */
export function parseMarkdown(raw: string, dialect: Dialect): FormattedText {
  let text = '';
  const entities: MessageEntity[] = [];
  const open: { delimiter: string; type: MessageEntity['type']; offset: number; at: number }[] = [];
  let index = 0;
  while (index < raw.length) {
    const rest = raw.slice(index);
    const verbatim = open.at(-1)?.type === 'pre' || open.at(-1)?.type === 'code';
    if (rest[0] === '\\' && rest.length > 1) {
      text += rest[1];
      index += 2;
      continue;
    }
    const delimiter = DELIMITERS[dialect].find(
      ([mark]) => rest.startsWith(mark) && (!verbatim || mark === open.at(-1)?.delimiter),
    );
    if (delimiter) {
      const [mark, type] = delimiter;
      const start = open.findLastIndex((other) => other.delimiter === mark);
      if (start >= 0) {
        const [{ offset }] = open.splice(start) as [(typeof open)[number]];
        if (text.length > offset) entities.push({ type, offset, length: text.length - offset } as MessageEntity);
      } else open.push({ delimiter: mark, type, offset: text.length, at: index });
      index += mark.length;
      continue;
    }
    const link = verbatim ? null : /^\[([^\]]*)\]\(([^)]*)\)/.exec(rest);
    if (link) {
      const [whole, label = '', url = ''] = link;
      entities.push({ type: 'text_link', offset: text.length, length: label.length, url });
      text += label;
      index += whole.length;
      continue;
    }
    const character = rest[0] as string;
    if (dialect === 'v2' && !verbatim && RESERVED.includes(character)) {
      throw broken(`Character '${character}' is reserved and must be escaped with the preceding '\\'`);
    }
    text += character;
    index += 1;
  }
  const unclosed = open.pop();
  if (unclosed) {
    const offset = Buffer.byteLength(raw.slice(0, unclosed.at));
    throw broken(`Can't find end of the entity starting at byte offset ${offset}`);
  }
  return { text, entities: entities.sort((a, b) => a.offset - b.offset) };
}

function broken(why: string): Error {
  return badRequest(`can't parse entities: ${why}`);
}
