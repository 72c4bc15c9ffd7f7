import { basename } from 'node:path';
import {
  type Body,
  read,
  readId,
  readIds,
  readList,
  readSize,
  readText,
  type SaidFile,
  said,
  sentFile,
  textsIn,
} from '@botaudit/instrumentation';
import type { AttributeMap } from '@botaudit/record';

/** Members of a message, or of the arguments of a method, that are a file. */
const FILES = [
  'photo',
  'document',
  'video',
  'audio',
  'voice',
  'animation',
  'sticker',
  'video_note',
  'certificate',
] as const;
/** Members of arguments, at every depth, that people read. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['text', 'caption', 'message_text', 'question', 'explanation', 'title', 'description', 'short_description'],
  ...['custom_title', 'name', 'label'],
]);
const MAX_FILES = 20;
const MAX_CHOSEN = 100;

/**
 * What was said by an update.
 *
 * @param command whether it is a command to the bot, which is recorded by itself.
 */
export function updateContent(type: string | undefined, payload: unknown, command: boolean): Body {
  const text = readText(payload, 'text') ?? readText(payload, 'caption');
  if (command) return said({ arguments: text?.replace(/^\S+\s*/u, ''), files: filesOf(payload) });
  return said({
    text: text ?? otherText(type, payload),
    chosen: chosenIn(type, payload),
    files: filesOf(payload),
  });
}

function otherText(type: string | undefined, payload: unknown): string | undefined {
  if (type === 'inline_query' || type === 'chosen_inline_result') return readText(payload, 'query');
  if (type === 'chat_join_request') return readText(payload, 'bio');
  const poll = type === 'poll' ? payload : read(payload, 'poll');
  return readText(payload, 'web_app_data', 'data') ?? readText(payload, 'new_chat_title') ?? textsIn(poll, TEXTS);
}

/** What was pressed or picked, as the bot had named it. */
function chosenIn(type: string | undefined, payload: unknown): readonly string[] {
  switch (type) {
    case 'callback_query':
      return some(readText(payload, 'data') ?? readText(payload, 'game_short_name'));
    case 'chosen_inline_result':
      return some(readText(payload, 'result_id'));
    case 'pre_checkout_query':
    case 'shipping_query':
      return some(readText(payload, 'invoice_payload'));
    case 'poll_answer':
      return readIds(payload, ['option_ids'], MAX_CHOSEN);
    case 'message_reaction':
      return readList(payload, ['new_reaction'], MAX_CHOSEN).flatMap((reaction) =>
        some(readText(reaction, 'emoji') ?? readId(reaction, 'custom_emoji_id')),
      );
    default:
      return some(readText(payload, 'successful_payment', 'invoice_payload'));
  }
}

function some(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}

/** The files that came with a message. Photos come in several sizes, the largest last. */
function filesOf(message: unknown): readonly SaidFile[] {
  return FILES.flatMap((kind) => {
    const found = read(message, kind);
    const file = Array.isArray(found) ? readList(found, [], MAX_FILES).at(-1) : found;
    if (typeof file !== 'object' || file === null) return [];
    return {
      id: readId(file, 'file_unique_id'),
      name: readText(file, 'file_name'),
      type: readText(file, 'mime_type') ?? kind,
      size: readSize(file, 'file_size'),
    };
  });
}

/** What a bot says by a call. */
export function callContent(args: unknown): Body {
  const media = read(args, 'media');
  const several = Array.isArray(media) ? readList(media, [], MAX_FILES) : [media];
  const files = [
    ...FILES.map((kind) => sentAs(kind, read(args, kind))),
    ...several.map((item) => sentAs(readText(item, 'type') ?? 'media', read(item, 'media'))),
  ];
  return said({ text: textsIn(args, TEXTS), files: files.filter((file) => file !== undefined) });
}

/** A file that is sent: what Telegram has already, by its id; what it is to fetch; or what the bot brings. */
function sentAs(type: string, file: unknown): SaidFile | undefined {
  if (typeof file === 'string') return /^https?:/i.test(file) ? { type, url: file } : { type, id: file };
  if (typeof file !== 'object' || file === null) return undefined;
  const url = readText(file, 'url');
  const name = readText(file, 'filename') ?? readText(file, 'file_name');
  if (url !== undefined) return { type, url, name };
  return { ...describeInputFile(file), type };
}

/** Members by which libraries hold what a file is made from: grammY's, and Telegraf's. */
const SOURCES = ['fileData', 'source'] as const;

/** A file of a library's, by what is known of it; anything that is none is told of as a file of Node's. */
function describeInputFile(file: object): AttributeMap {
  const key = SOURCES.find((source) => read(file, source) !== undefined);
  const content = key === undefined ? file : read(file, key);
  const name = readText(file, 'filename') ?? (typeof content === 'string' ? basename(content) : undefined);
  return sentFile(content, { name }) as AttributeMap;
}

/** What stands for a library's file at the level `full`. */
export function describeParts(part: string | object): AttributeMap | undefined {
  return typeof part === 'object' && read(part, 'fileData') !== undefined ? describeInputFile(part) : undefined;
}
