import type { MessageEntity } from 'grammy/types';
import type { Args } from './args.ts';
import { findEntities } from './entities.ts';
import { badRequest } from './errors.ts';
import { parseHtml } from './markup-html.ts';
import { parseMarkdown } from './markup-markdown.ts';

/** A text with the formatting taken out of it. */
export interface FormattedText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

/**
 * Reads a text parameter with its `parse_mode` or its explicit entities.
 *
 * @param name of the parameter, e.g. `text`, `caption`, `question`.
 * @throws {BotApiError} 400 when the markup is broken.
 */
export function formattedText(args: Args, name: string): FormattedText {
  const raw = args.text(name);
  const prefix = name === 'text' ? '' : `${name}_`;
  const explicit = args.json<MessageEntity[]>(`${prefix}entities`);
  if (explicit) return { text: raw, entities: explicit };
  const mode = args.text(name === 'caption' ? 'parse_mode' : `${prefix}parse_mode`).toLowerCase();
  const { text, entities } = parse(mode, raw);
  return { text, entities: [...entities, ...findEntities(text).filter((found) => !covered(found, entities))] };
}

function parse(mode: string, raw: string): FormattedText {
  switch (mode) {
    case '':
      return { text: raw, entities: [] };
    case 'html':
      return parseHtml(raw);
    case 'markdown':
      return parseMarkdown(raw, 'legacy');
    case 'markdownv2':
      return parseMarkdown(raw, 'v2');
    default:
      throw badRequest('unsupported parse_mode');
  }
}

function covered(found: MessageEntity, entities: readonly MessageEntity[]): boolean {
  return entities.some(({ offset, length }) => found.offset < offset + length && offset < found.offset + found.length);
}
