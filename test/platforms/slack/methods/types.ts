import type { Installation, SlackApp } from '../app-account.ts';
import { SlackApiError } from '../errors.ts';
import type { Values } from '../request.ts';
import type { SlackServer } from '../server.ts';
import type { SlackChannel, SlackMessage } from '../workspace.ts';

/** A call that was let in. */
export interface Call {
  readonly server: SlackServer;
  readonly app: SlackApp;
  readonly installation: Installation;
  readonly args: Values;
}

/** @returns what stands beside `ok` in the answer. */
export type Method = (call: Call) => Values;

/** @throws {SlackApiError} when there is no such text. */
export function text(args: Values, key: string): string {
  const value = args[key];
  if (typeof value !== 'string' || value === '')
    throw new SlackApiError('invalid_arguments', {
      response_metadata: { messages: [`[ERROR] missing required field: ${key}`] },
    });
  return value;
}

export function channelOf({ installation: { workspace, bot }, args }: Call, key = 'channel'): SlackChannel {
  const id = text(args, key);
  if (workspace.users.has(id)) return workspace.openDialogue([id, bot.id]);
  const channel = workspace.channels.get(id);
  if (!channel) throw new SlackApiError('channel_not_found');
  return channel;
}

export function messageOf(call: Call, key = 'ts'): SlackMessage {
  const message = channelOf(call).message(text(call.args, key));
  if (!message) throw new SlackApiError('message_not_found');
  return message;
}

const DEFAULT_LIMIT = 100;

/** A page of a list, from where the last one ended. */
export function page<T>(all: readonly T[], { cursor, limit }: Values): { items: T[]; next: Values } {
  const from = typeof cursor === 'string' && cursor !== '' ? Buffer.from(cursor, 'base64').toString() : '0';
  if (!/^\d+$/.test(from)) throw new SlackApiError('invalid_cursor');
  const to = Number(from) + (Number(limit) || DEFAULT_LIMIT);
  const cursorAfter = to < all.length ? Buffer.from(String(to)).toString('base64') : '';
  return { items: all.slice(Number(from), to), next: { response_metadata: { next_cursor: cursorAfter } } };
}
