import { join } from 'node:path';
import type { Access } from './access.js';
import { JournalFormatError, type JournalReadError } from './errors.js';
import { FORMAT_VERSION, STREAM_INFO_FILE } from './layout.js';
import { readSmallFile, replaceFile } from './small-file.js';

/** What `stream.json` says about a stream: who writes it. Further members are kept as they are. */
export interface StreamInfo {
  readonly formatVersion: 1;
  /** UUID v4; the name of the stream's folder. */
  readonly streamId: string;
  readonly pid: number;
  /** 0 is the main thread. */
  readonly threadId: number;
  /** Name of the host or container. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** `service.name` of the resource. */
  readonly service: string;
  /**
   * Whether the writer holds the lock; filled in by it. `false` where the file system does not lock, or this Node has no
   * SQLite: then nobody can tell a dead writer from a living one for certain.
   */
  readonly locked?: boolean | undefined;
  readonly [member: string]: unknown;
}

/** @throws what the file system throws. */
export function writeStreamInfo(streamDirectory: string, info: StreamInfo, access: Access): void {
  replaceFile(join(streamDirectory, STREAM_INFO_FILE), `${JSON.stringify(info)}\n`, access);
}

/**
 * What `stream.json` says; `undefined` when there is none.
 *
 * @throws {JournalFormatError} when it is not one, or comes from a newer version of this package.
 * @throws {JournalReadError} when it can't be read.
 */
export function readStreamInfo(streamDirectory: string): StreamInfo | undefined {
  const path = join(streamDirectory, STREAM_INFO_FILE);
  const text = readSmallFile(path);
  if (text === undefined) return undefined;
  const info = parseObject(text);
  const version = info?.formatVersion;
  if (!info || typeof version !== 'number') throw new JournalFormatError(path, 'is not the description of a stream');
  if (version > FORMAT_VERSION) {
    const problem = `has format version ${version}; this version of @botaudit/journal knows ${FORMAT_VERSION}: update it`;
    throw new JournalFormatError(path, problem, version);
  }
  for (const [member, type] of MEMBERS) {
    if (typeof info[member] !== type) throw new JournalFormatError(path, `${member} must be a ${type}`);
  }
  return info as unknown as StreamInfo;
}

const MEMBERS = [
  ['streamId', 'string'],
  ['pid', 'number'],
  ['threadId', 'number'],
  ['host', 'string'],
  ['startedAt', 'string'],
  ['service', 'string'],
] as const;

/** The object that `text` is in JSON; `undefined` when it is anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON: the caller says what should have been there.
  }
  return undefined;
}

/** Why a stream's description can't be used. */
export type StreamProblem = JournalFormatError | JournalReadError;
