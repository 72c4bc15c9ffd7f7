import type { MessageEntity } from 'grammy/types';

type PlainType = MessageEntity.CommonMessageEntity['type'];

/** What Telegram finds by itself in a text, in order of precedence. */
const PATTERNS: readonly [PlainType, RegExp][] = [
  ['url', /(?:https?:\/\/|www\.)[^\s]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|me|example)(?:\/[^\s]*)?/giu],
  ['email', /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu],
  ['bot_command', /(?<![\w/])\/[a-z0-9_]{1,64}(?:@\w{3,})?(?![\w/])/giu],
  ['mention', /(?<!\w)@\w{3,32}/gu],
  ['hashtag', /(?<!\w)#[\p{L}\p{N}_]+/gu],
];

/** The entities of a text as a person types it: commands, mentions, links and the like. Offsets are UTF-16 units. */
export function findEntities(text: string): MessageEntity[] {
  const found: MessageEntity.CommonMessageEntity[] = [];
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length };
      if (!found.some((other) => overlap(other, entity))) found.push(entity);
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

/** `text` with the entities found in it, as a message holds both. */
export function plainText(text: string): { text: string; entities?: MessageEntity[] } {
  const entities = findEntities(text);
  return entities.length > 0 ? { text, entities } : { text };
}

/** The commands in a message's text, without slash, in order, with the bot that each is addressed to, if any. */
export function commandsIn(text: string, entities: readonly MessageEntity[]): { name: string; addressee?: string }[] {
  return entities
    .filter(({ type }) => type === 'bot_command')
    .map(({ offset, length }) => {
      const [name = '', addressee] = text.slice(offset + 1, offset + length).split('@');
      return addressee === undefined ? { name } : { name, addressee };
    });
}

function overlap(a: { offset: number; length: number }, b: { offset: number; length: number }): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
