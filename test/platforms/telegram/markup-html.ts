import type { MessageEntity } from 'grammy/types';
import { badRequest } from './errors.ts';
import type { FormattedText } from './markup.ts';

const TAGS: Readonly<Record<string, MessageEntity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  code: 'code',
  pre: 'pre',
  a: 'text_link',
  blockquote: 'blockquote',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  'tg-emoji': 'custom_emoji',
};

const REFERENCES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

const TOKEN = /<(\/?)([a-z][a-z-]*)((?:\s[^>]*)?)>|&(?:(lt|gt|amp|quot)|#(\d+)|#x([0-9a-f]+));|<|[^<&]+|&/gi;

/**
 * Takes Telegram's HTML out of a text.
 *
 * @throws {BotApiError} 400 when a tag is unknown, unclosed or closed in the wrong order.
 */
export function parseHtml(raw: string): FormattedText {
  let text = '';
  const entities: MessageEntity[] = [];
  const open: { tag: string; offset: number; attributes: string }[] = [];
  for (const match of raw.matchAll(TOKEN)) {
    const [token, slash, name, attributes = '', reference, decimal, hex] = match;
    if (name !== undefined) {
      const tag = name.toLowerCase();
      if (!TAGS[tag]) throw broken(`Unsupported start tag "${tag}" at byte offset ${byteOffset(raw, match.index)}`);
      if (slash !== '/') {
        open.push({ tag, offset: text.length, attributes });
        continue;
      }
      const start = open.pop();
      if (start?.tag !== tag) throw broken(`Unmatched end tag at byte offset ${byteOffset(raw, match.index)}`);
      if (text.length > start.offset) entities.push(entity(start, text.length));
    } else if (token === '<') {
      throw broken(`Unclosed start tag at byte offset ${byteOffset(raw, match.index)}`);
    } else if (reference !== undefined) text += REFERENCES[reference.toLowerCase()];
    else if (decimal !== undefined) text += String.fromCodePoint(Number(decimal));
    else if (hex !== undefined) text += String.fromCodePoint(Number.parseInt(hex, 16));
    else text += token;
  }
  const unclosed = open.pop();
  if (unclosed) throw broken(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return { text, entities: entities.sort((a, b) => a.offset - b.offset) };
}

function entity(start: { tag: string; offset: number; attributes: string }, end: number): MessageEntity {
  const place = { offset: start.offset, length: end - start.offset };
  const type = TAGS[start.tag];
  if (type === 'text_link') return { type, ...place, url: attribute(start.attributes, 'href') };
  if (type === 'custom_emoji') return { type, ...place, custom_emoji_id: attribute(start.attributes, 'emoji-id') };
  return { type, ...place } as MessageEntity;
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`${name}\\s*=\\s*["']([^"']*)["']`, 'i').exec(attributes)?.[1] ?? '';
}

function byteOffset(raw: string, index: number): number {
  return Buffer.byteLength(raw.slice(0, index));
}

function broken(why: string): Error {
  return badRequest(`can't parse entities: ${why}`);
}
