import type { Level } from '@botaudit/api';
import { type AttributeValue, type Describe, toPlain } from '@botaudit/record';
import { describeFile } from './describe-file.js';
import { guard } from './guard.js';

/** Structured details of a record. */
export type Body = Readonly<Record<string, unknown>>;

/** What a record holds at each level; nothing of it is looked at before the level asks for it. */
export interface Said {
  /** At every level: ids alone. */
  readonly body?: Body | undefined;
  /** From `content` on: what was said, in the words of all platforms (`text`, `arguments`, `options`, `chosen`, `files`). */
  readonly content?: (() => Body | undefined) | undefined;
}

/** All of something, for the level `full`. */
export interface Whole {
  /** Under which name it stands in the body. */
  readonly name: 'update' | 'request' | 'response';
  readonly value: unknown;
  /** Says what stands for a part of it, such as a file of the platform's library. Files of Node's are described anyway. */
  readonly describe?: Describe | undefined;
}

/** The body of a record at a level. Never throws. @param source what errors of ours are counted under. */
export function bodyAt(level: Level, source: string, { body, content }: Said, whole: Whole): Body | undefined {
  if (level === 'metadata' || level === 'none') return body;
  const said = { ...body, ...guard(source, () => content?.()) };
  if (level === 'content' || whole.value === undefined) return said;
  return { ...said, [whole.name]: plainWhole(whole) };
}

/** All of it but the contents of files. */
function plainWhole({ value, describe }: Whole): AttributeValue | undefined {
  return toPlain(value, undefined, describe ? (part) => describe(part) ?? describeFile(part) : describeFile);
}
