import type { AttributeMap } from '@botaudit/record';
import { describeFile } from './describe-file.js';
import type { Body } from './level-body.js';
import { ownKeys, read, readId, readList, readText } from './read.js';

/** A field that was filled in, or an option that was given. */
export interface SaidOption {
  readonly name: string;
  /** Of what has an id: `discord:42`. */
  readonly id?: string | undefined;
  readonly value?: unknown;
}

/** A file, by what is known of it: never by what it holds. */
export interface SaidFile {
  /** The platform's id of it. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** Where the platform is to fetch it. */
  readonly url?: string | undefined;
  /** Media type, else the kind of file as the platform calls it. */
  readonly type?: string | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
  /** Lower-case hex; of files that are sent from memory. */
  readonly sha256?: string | undefined;
}

/** What a person or a bot said: one vocabulary for all platforms, and the body of a record at the level `content`. */
export interface SaidContent {
  /** What was written, or shown. */
  readonly text?: string | undefined;
  /** Of a command: what follows its name, as it was written. */
  readonly arguments?: string | undefined;
  /** What was filled in or given by name: options of a command, fields of a form. */
  readonly options?: readonly SaidOption[] | undefined;
  /** What was pressed, picked or voted for, as the bot had named it. */
  readonly chosen?: readonly string[] | undefined;
  readonly files?: readonly SaidFile[] | undefined;
}

/** What was said, without what is empty. */
export function said(content: SaidContent): Body {
  const entries = Object.entries(content).filter(([, value]) => value !== undefined && value.length > 0);
  return Object.fromEntries(entries);
}

/** A file of Node's or the Web's that is sent, with what else is known of it. */
export function sentFile(content: unknown, known: SaidFile = {}): SaidFile {
  const held = typeof content === 'string' || (typeof content === 'object' && content !== null) ? content : '';
  const described: AttributeMap = describeFile(held) ?? {};
  return { ...described, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}

/** More than this is no message. */
const MAX_TEXTS = 200;
const MAX_DEPTH = 12;
const MAX_PARTS = 5_000;

/**
 * The texts at any of these members, at every depth, each on a line, an object's own before those within it; `undefined`
 * where there are none.
 */
export function textsIn(value: unknown, members: ReadonlySet<string>): string | undefined {
  const texts: string[] = [];
  let left = MAX_PARTS;
  const walk = (part: unknown, depth: number): void => {
    // A part that leads back to itself ends here too.
    if (depth > MAX_DEPTH || texts.length >= MAX_TEXTS || left-- <= 0 || ArrayBuffer.isView(part)) return;
    if (Array.isArray(part)) {
      for (const member of readList(part, [], MAX_TEXTS)) walk(member, depth + 1);
      return;
    }
    const deeper = ownKeys(part).filter((key) => {
      const text = members.has(key) ? readText(part, key) : undefined;
      if (text !== undefined) texts.push(text);
      return text === undefined;
    });
    for (const key of deeper) walk(read(part, key), depth + 1);
  };
  walk(value, 0);
  return texts.length > 0 ? texts.slice(0, MAX_TEXTS).join('\n') : undefined;
}

/** A number of bytes, as platforms tell it. */
export function readSize(value: unknown, ...path: readonly string[]): number | undefined {
  const size = Number(readId(value, ...path));
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
