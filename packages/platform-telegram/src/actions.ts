import type { Target } from '@botaudit/api';
import { type BotScope, type OutboundAction, readId } from '@botaudit/instrumentation';
import { ATTR_BOT_CHAT_ID, ATTR_BOT_CHAT_TYPE, ATTR_BOT_THREAD_ID } from '@botaudit/record';
import { callContent } from './content.js';
import { idInChat } from './ids.js';
import { type MethodRule, messageIds } from './method-rules.js';
import { METHODS } from './methods.js';

/** What a call of a method is to an auditor. */
export interface TelegramAction extends OutboundAction {
  /** Whether the answer is the message that was sent. */
  readonly sends: boolean;
}

/** A chat with a person has that person's id; groups and channels have negative ones, or names. */
const USER_ID = /^[1-9]\d*$/;

/** Methods by their lower-case names: the Bot API does not tell case apart. */
const RULES = new Map(
  Object.entries<MethodRule | undefined>(METHODS).map(([method, rule]) => [method.toLowerCase(), { method, rule }]),
);

/**
 * Maps a call to the event that it is. Never throws, whatever the arguments look like.
 *
 * @returns `undefined` for what is no action, such as polling.
 */
export function mapCall(name: string, args: unknown, bot: BotScope): TelegramAction | undefined {
  const { method, rule } = RULES.get(name.toLowerCase()) ?? { method: name.slice(0, 64), rule: unheardOf(name) };
  if (!rule) return undefined;
  const event = typeof rule.event === 'function' ? rule.event(args) : rule.event;
  const self: Target = { id: bot.id };
  const chat = readId(args, 'chat_id');
  return {
    name: event,
    action: typeof rule.action === 'function' ? rule.action(args) : rule.action,
    method,
    target: rule.target ? rule.target(args) : self,
    sends: rule.sends === true,
    attributes: {
      [ATTR_BOT_CHAT_ID]: chat,
      [ATTR_BOT_CHAT_TYPE]: chat !== undefined && USER_ID.test(chat) ? 'private' : undefined,
      [ATTR_BOT_THREAD_ID]: readId(args, 'message_thread_id') ?? readId(args, 'direct_messages_topic_id'),
    },
    body: details(args),
    content: () => callContent(args),
  };
}

/** A method that is newer than the table: what its name says. */
function unheardOf(name: string): MethodRule {
  const action = /^(get|send|edit|set|delete)(?![a-z])/.exec(name)?.[1];
  const verbs: Readonly<Record<string, string>> = {
    get: 'READ',
    send: 'SEND',
    edit: 'UPDATE',
    set: 'UPDATE',
    delete: 'DELETE',
  };
  return { event: 'bot.api.call', action: action && verbs[action] };
}

/** Which messages it was, where they are several, or from elsewhere. */
function details(args: unknown): Readonly<Record<string, unknown>> | undefined {
  const ids = messageIds(args);
  const from = readId(args, 'from_chat_id');
  if (from !== undefined) {
    const source = ids.length > 0 ? ids : [readId(args, 'message_id') ?? readId(args, 'from_story_id')];
    return { source: source.map((id) => idInChat(from, String(id))) };
  }
  return ids.length > 1 ? { message_ids: ids } : undefined;
}
