import type { Target } from '@botaudit/api';
import { read, readList } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import { idOf, messageTarget, readId, thing } from './ids.js';

/** What a method's call means, read from its arguments and its answer. */
export interface MethodRule {
  readonly event: EventName;
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
  /** Default: the bot itself. */
  readonly target?: TargetOf | undefined;
  /** What the answer says was made or acted upon, where only it does. */
  readonly answered?: ((answer: unknown, args: unknown) => Target | undefined) | undefined;
}

type TargetOf = (args: unknown) => Target | undefined;

/** A method's rule, or `undefined` for what is no action. */
export type MethodTable = Readonly<Record<string, MethodRule | undefined>>;

/** The channel that a call names. */
export function channelIn(args: unknown): string | undefined {
  return only(args, 'channel', 'channel_id', 'channels', 'channel_ids');
}

/** The one id in the first of several arguments that holds just one. */
function only(args: unknown, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const ids = idsIn(args, key);
    if (ids.length === 1) return ids[0];
  }
  return undefined;
}

/** More than this at once is cut. */
const MAX_IDS = 100;
const MAX_TEXT = 4096;

/** Ids as methods take them: one, a list, or several in a text with commas. */
function idsIn(args: unknown, key: string): readonly string[] {
  const value = read(args, key);
  const given =
    typeof value === 'string' ? value.slice(0, MAX_TEXT).split(',', MAX_IDS) : readList(args, [key], MAX_IDS);
  return given.map((id) => readId(typeof id === 'string' ? id.trim() : id)).filter((id) => id !== undefined);
}

/** Something by its id in one of several arguments. */
const by =
  (type: string, ...keys: readonly string[]): TargetOf =>
  (args) =>
    thing(only(args, ...keys), type);

const or =
  (...targets: readonly TargetOf[]): TargetOf =>
  (args) => {
    for (const target of targets) {
      const found = target(args);
      if (found) return found;
    }
    return undefined;
  };

export const chat: TargetOf = (args) => thing(channelIn(args), 'chat');
export const channel: TargetOf = (args) => thing(channelIn(args), 'channel');
export const user = by('user', 'user', 'user_id', 'users', 'user_ids');
export const users: TargetOf = (args) => by('user', 'user', 'user_id', 'users', 'user_ids')(args) ?? channel(args);
export const usergroup = by('usergroup', 'usergroup', 'usergroup_id', 'group_id');
export const team = by('team', 'team_id', 'target_team', 'team_ids');
export const app = by('app', 'app_id', 'request_id');
export const file = or(by('file', 'file', 'file_id', 'external_id'), (args) =>
  thing(readId(args, 'files', '0', 'id'), 'file'),
);
export const canvas = by('file', 'canvas_id');
export const list = by('file', 'list_id', 'id');
export const call = by('call', 'id');
export const reminder = by('reminder', 'reminder');
export const barrier = by('barrier', 'barrier_id');
export const invite = by('invite', 'invite_id', 'invite_request_id');
export const emoji = by('emoji', 'name');
export const policy = by('policy', 'policy_name');
export const role = or(by('user', 'user_ids'), by('role', 'role_id'));
export const workflow = by('workflow', 'workflow_ids', 'workflow_step_edit_id', 'workflow_step_execute_id');
export const execution = by('function', 'function_execution_id', 'function_ids');
export const view = or(by('view', 'view_id', 'external_id'), by('user', 'user_id'));
export const thread: TargetOf = (args) => {
  const [within, ts] = [channelIn(args), readId(args, 'thread_ts')];
  return within === undefined || ts === undefined ? chat(args) : thing(`${within}/${ts}`, 'thread');
};
export const message: TargetOf = (args) =>
  messageTarget(channelIn(args), readId(args, 'ts') ?? readId(args, 'timestamp') ?? readId(args, 'message_ts')) ??
  chat(args);
/** A message, a file, or whatever else can be starred and reacted to. */
export const item = or(
  (args) => messageTarget(channelIn(args), readId(args, 'timestamp') ?? readId(args, 'ts')),
  by('file', 'file', 'file_comment'),
  chat,
);
export const scheduled = by('message', 'scheduled_message_id');

export const on = (event: EventName, target?: TargetOf, action?: string): MethodRule => ({ event, target, action });

export const reads = (target?: TargetOf): MethodRule => on('bot.api.call', target, 'READ');

export const settings = (target?: TargetOf, action?: string): MethodRule => on('bot.settings.update', target, action);

export const updates = (target: TargetOf = channel, action?: string): MethodRule =>
  on('bot.channel.update', target, action);

/** The answer names the message: by its channel, which may be another than the one asked for, and its timestamp. */
export const sends = (action?: string): MethodRule => ({
  event: 'bot.message.send',
  action,
  target: chat,
  answered: (answer, args) => {
    const scheduledId = readId(answer, 'scheduled_message_id');
    if (scheduledId !== undefined) return thing(scheduledId, 'message');
    return messageTarget(
      readId(answer, 'channel') ?? channelIn(args),
      readId(answer, 'ts') ?? readId(answer, 'message_ts'),
    );
  },
});

/** The answer names what was made. */
export const makes = (event: EventName, type: string, ...path: readonly string[]): MethodRule => ({
  event,
  action: 'CREATE',
  target: () => ({ type }),
  answered: (answer) => thing(idOf(read(answer, ...path)), type),
});

const MAX_FILES = 20;

/** Which of several were acted upon, where the target can name only one. */
export function severalIn(args: unknown): Readonly<Record<string, unknown>> {
  const many = (key: string) => {
    const ids = idsIn(args, key);
    return ids.length > 1 ? ids : undefined;
  };
  const files = readList(args, ['files'], MAX_FILES).map((one) => readId(one, 'id'));
  return {
    user_ids: many('users') ?? many('user_ids'),
    channel_ids: many('channels') ?? many('channel_ids'),
    file_ids: files.length > 1 ? files.filter((id) => id !== undefined) : undefined,
  };
}
