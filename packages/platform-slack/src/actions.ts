import type { BotScope, OutboundAction } from '@botaudit/instrumentation';
import { ATTR_BOT_CHAT_ID, ATTR_BOT_THREAD_ID } from '@botaudit/record';
import { callContent } from './content.js';
import { readId } from './ids.js';
import { channelIn, type MethodRule, severalIn } from './method-rules.js';
import { METHODS } from './methods.js';

/** What a call of a method is to an auditor. */
export interface SlackAction extends OutboundAction {
  /** What the answer says was made or acted upon, where only it does. */
  readonly answered?: MethodRule['answered'];
}

const METHOD = /^[a-z][\w.]{0,79}$/i;

/**
 * Maps a call to the event that it is. Never throws, whatever the arguments look like.
 *
 * @param name as the Web API calls it: `chat.postMessage`. Clients also take whole addresses, and those may hold
 * secrets: they are called `url`.
 * @returns `undefined` for what is no action, such as asking who one is.
 */
export function mapCall(name: string, args: unknown, bot: BotScope): SlackAction | undefined {
  const rule = Object.hasOwn(METHODS, name) ? METHODS[name as keyof typeof METHODS] : unheardOf(name);
  if (!rule) return undefined;
  const { event, action, target, answered }: MethodRule = rule;
  const chat = channelIn(args);
  return {
    name: event,
    action,
    method: METHOD.test(name) ? name : 'url',
    target: target ? target(args) : { id: bot.id },
    answered,
    attributes: {
      [ATTR_BOT_CHAT_ID]: chat,
      [ATTR_BOT_THREAD_ID]: readId(args, 'thread_ts'),
    },
    body: { team_id: readId(args, 'team_id'), ...severalIn(args) },
    content: () => callContent(args),
  };
}

/** What the last part of a method's name says. */
const VERBS: readonly (readonly [RegExp, string])[] = [
  [/^(get|list|info|lookup|search|history|members|replies|export)/, 'READ'],
  [/^(add|create|open)/, 'CREATE'],
  [/^(set|update|edit|rename)/, 'UPDATE'],
  [/^(delete|remove)/, 'DELETE'],
];

/** A method that is newer than the table. */
function unheardOf(name: string): MethodRule {
  const last = METHOD.test(name) ? name.slice(name.lastIndexOf('.') + 1) : '';
  return { event: 'bot.api.call', action: VERBS.find(([pattern]) => pattern.test(last))?.[1] };
}
