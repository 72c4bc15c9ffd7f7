import type { Target } from '@botaudit/api';
import { read, readId, readIds } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import { discordId, isSnowflake, messageTarget, readSnowflake, target } from './ids.js';

/** What a request says of what it acts upon. */
export interface RouteArgs {
  /** The ids that its route holds, by the names of the placeholders; what is no id, such as a token, is not there. */
  readonly ids: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a request to a route means. */
export interface RouteRule {
  readonly event: EventName | ((args: RouteArgs) => EventName);
  /** Default: the catalogue's verb. */
  readonly action?: string | ((args: RouteArgs) => string | undefined) | undefined;
  /** Default: the last id of the route. */
  readonly target?: ((args: RouteArgs) => Target | undefined) | undefined;
  /** What the answer describes: that was made, and is the target from then on. */
  readonly makes?: string | undefined;
  readonly details?: ((args: RouteArgs) => Readonly<Record<string, unknown>>) | undefined;
}

type TargetOf = NonNullable<RouteRule['target']>;

export const on = (event: RouteRule['event'], action?: RouteRule['action'], targetOf?: TargetOf): RouteRule => ({
  event,
  action,
  target: targetOf,
});

/** Makes something that the answer describes. */
export const makes = (type: string, event: RouteRule['event'], action?: string): RouteRule => ({
  event,
  action,
  makes: type,
});

export const sends: RouteRule = { event: 'bot.message.send', makes: 'message' };
/** Through a webhook, a message is not among the ids of a channel; the answer says of which it is. */
export const edits: RouteRule = { event: 'bot.message.edit', makes: 'message' };

export const reads: RouteRule = on('bot.api.call', 'READ');
export const calls = (action: string): RouteRule => on('bot.api.call', action);

/** A placeholder of the route. */
export const id =
  (name: string, type = name): TargetOf =>
  ({ ids }) =>
    target(type, ids[name]);

/** A member of the body. */
export const inBody =
  (key: string, type: string): TargetOf =>
  ({ body }) =>
    target(type, readSnowflake(body, key));

export const message: TargetOf = ({ ids }) => messageTarget(ids.channel, ids.message);

/** A message through a webhook; that of an interaction's first answer has no id there. */
export const ofWebhook: TargetOf = ({ ids }) =>
  messageTarget(ids.webhook, ids.message) ?? target('webhook', ids.webhook);

/** What is given to a member, or taken. */
export const role = (event: EventName): RouteRule => ({
  event,
  target: id('user'),
  details: ({ ids }) => (ids.role === undefined ? {} : { role: discordId(ids.role) }),
});

/** Discord takes at most so many ids in one request. */
const MAX_IDS = 200;

/** Several at once: their ids stand in the body. */
export const many = (event: EventName, key: string, name: string): RouteRule => ({
  event,
  details: ({ body }) => ({ [name]: readIds(body, [key], MAX_IDS).filter(isSnowflake).map(discordId) }),
});

/** Which of these a body sets, and to something other than nothing. */
function sets(body: unknown, ...keys: readonly string[]): boolean | undefined {
  const values = keys.map((key) => read(body, key)).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.some((value) => value !== null && value !== false);
}

/** A member may be silenced, be given other roles, or be changed in ways that take nothing from him. */
function byMemberChange({ body }: RouteArgs): EventName {
  const silenced = sets(body, 'communication_disabled_until', 'mute', 'deaf');
  if (silenced) return 'bot.member.mute';
  // All that the member is to have from now on.
  if (read(body, 'roles') !== undefined) return 'bot.role.grant';
  return silenced === false ? 'bot.member.unmute' : 'bot.api.call';
}

export const memberChange: RouteRule = on(byMemberChange, (args) =>
  ['bot.role.grant', 'bot.api.call'].includes(byMemberChange(args)) ? 'UPDATE' : undefined,
);

/** A speaker on a stage is let speak, or not any more. */
export function byVoiceState({ body }: RouteArgs): EventName {
  const suppressed = sets(body, 'suppress');
  if (suppressed === undefined) return 'bot.api.call';
  return suppressed ? 'bot.member.mute' : 'bot.member.unmute';
}

/** Rights in a channel, of a role or a member: granted, if any is allowed. */
export function byOverwrite({ body }: RouteArgs): EventName {
  return (readId(body, 'allow') ?? '0') === '0' ? 'bot.role.revoke' : 'bot.role.grant';
}

/** `OverwriteType.Member`; the other one is a role. */
const MEMBER = '1';

export const overwritten: TargetOf = ({ ids, body }) =>
  target(readId(body, 'type') === MEMBER ? 'user' : 'role', ids.overwrite);

/** `InteractionResponseType` of messages, and of changes of the message that a component stands on. */
const ANSWERS: Readonly<Record<string, EventName>> = { 4: 'bot.message.send', 7: 'bot.message.edit' };

export function byAnswer({ body }: RouteArgs): EventName {
  const type = readId(body, 'type') ?? '';
  return Object.hasOwn(ANSWERS, type) ? (ANSWERS[type] as EventName) : 'bot.query.answer';
}
