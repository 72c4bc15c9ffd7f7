import type { Actor, Target } from '@botaudit/api';
import { read } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import type { SlackEvent } from '@slack/types';
import { ANONYMOUS, eventActor, messageActor, userActor, workspaceActor } from './actor.js';
import { idOf, messageTarget, readId, thing } from './ids.js';

/** What something that reached an app means; ids only, never what somebody wrote. */
export interface Meaning {
  readonly name: EventName;
  /** Default: the catalogue's verb. */
  readonly action?: string | undefined;
  readonly actor: Actor;
  readonly target?: Target | undefined;
}

/** @param body the envelope that the event came in. */
type Mapping = (event: unknown, body: unknown) => Meaning;

type TargetOf = (event: unknown, body: unknown) => Target | undefined;

/** The channel that an event is about, wherever it names it. */
export function channelOf(event: unknown): string | undefined {
  return (
    idOf(read(event, 'channel')) ??
    readId(event, 'channel_id') ??
    readId(event, 'item', 'channel') ??
    readId(event, 'assistant_thread', 'channel_id')
  );
}

const channel: TargetOf = (event) => thing(channelOf(event), 'channel');
const chat: TargetOf = (event) => thing(channelOf(event), 'chat');
const user: TargetOf = (event) => thing(idOf(read(event, 'user')) ?? readId(event, 'user_id'), 'user');
const file: TargetOf = (event) => thing(readId(event, 'file_id') ?? idOf(read(event, 'file')), 'file');
const team: TargetOf = (_, body) => thing(readId(body, 'team_id') ?? readId(body, 'enterprise_id'), 'team');
const app: TargetOf = (_, body) => thing(readId(body, 'api_app_id'), 'app');
const group: TargetOf = (event) => thing(readId(event, 'subteam', 'id') ?? readId(event, 'subteam_id'), 'usergroup');
const invite: TargetOf = (event) => thing(readId(event, 'invite', 'id'), 'invite');
const workflow: TargetOf = (event) => thing(readId(event, 'workflow_id'), 'workflow');
const execution: TargetOf = (event) => thing(readId(event, 'function_execution_id'), 'function');
const message: TargetOf = (event) =>
  messageTarget(
    channelOf(event),
    readId(event, 'item', 'ts') ?? readId(event, 'message_ts') ?? readId(event, 'ts') ?? readId(event, 'deleted_ts'),
  );
const item: TargetOf = (event, body) =>
  message(event, body) ?? thing(readId(event, 'item', 'file') ?? readId(event, 'item', 'file', 'id'), 'file');

const told =
  (name: EventName, target: TargetOf, action?: string, actor: ActorOf = eventActor): Mapping =>
  (event, body) => ({ name, action, target: target(event, body), actor: actor(event, body) });

type ActorOf = (event: unknown, body: unknown) => Actor;

/** Something that a person, an administrator or the platform did and that an app is told of. */
const happened = (target: TargetOf, action?: string, actor?: ActorOf): Mapping =>
  told('bot.event', target, action, actor);

/** Something slighter. */
const activity = (target: TargetOf, action?: string, actor?: ActorOf): Mapping =>
  told('bot.activity', target, action, actor);

/** Who did it is not told, or it is the platform that did. */
const byPlatform: ActorOf = (_, body) => workspaceActor(body);
const byNobody: ActorOf = () => ANONYMOUS;

/** Kinds of message that tell of a change instead of saying something, and what they amount to. */
const SERVICE: Readonly<Record<string, string>> = {
  channel_archive: 'ARCHIVE',
  channel_convert_to_private: 'UPDATE',
  channel_convert_to_public: 'UPDATE',
  channel_join: 'JOIN',
  channel_leave: 'LEAVE',
  channel_name: 'UPDATE',
  channel_posting_permissions: 'UPDATE',
  channel_purpose: 'UPDATE',
  channel_topic: 'UPDATE',
  channel_unarchive: 'RESTORE',
  group_archive: 'ARCHIVE',
  group_join: 'JOIN',
  group_leave: 'LEAVE',
  group_name: 'UPDATE',
  group_purpose: 'UPDATE',
  group_topic: 'UPDATE',
  group_unarchive: 'RESTORE',
};

/** Somebody joined a channel by himself, or was invited by somebody: that one did it. */
const joined: Mapping = (event, body) => {
  const inviter = readId(event, 'inviter');
  const [action, actor] = inviter === undefined ? ['JOIN', eventActor(event, body)] : ['INVITE', userActor(inviter)];
  return { name: 'bot.event', action, target: user(event, body), actor };
};

const written: Mapping = (event) => {
  const kind = readId(event, 'subtype');
  const within = channelOf(event);
  if (kind === 'message_changed' || kind === 'document_mention') {
    const now = read(event, 'message');
    const editor = readId(now, 'edited', 'user');
    const target = messageTarget(within, readId(now, 'ts'));
    return { name: 'bot.message', action: 'UPDATE', target, actor: editor ? userActor(editor) : messageActor(now) };
  }
  if (kind === 'message_deleted') {
    const target = messageTarget(within, readId(event, 'deleted_ts'));
    return { name: 'bot.activity', action: 'DELETE', target, actor: ANONYMOUS };
  }
  if ((kind === 'channel_join' || kind === 'group_join') && readId(event, 'inviter') !== undefined) {
    return joined(event, undefined);
  }
  if (kind !== undefined && Object.hasOwn(SERVICE, kind)) {
    return { name: 'bot.event', action: SERVICE[kind], target: thing(within, 'channel'), actor: messageActor(event) };
  }
  return { name: 'bot.message', target: messageTarget(within, readId(event, 'ts')), actor: messageActor(event) };
};

/** Every type of event that the Events API knows. */
export const EVENTS = {
  message: written,
  app_mention: written,

  // Conversations.
  channel_archive: happened(channel, 'ARCHIVE'),
  channel_created: happened(channel, 'CREATE', (event) => userActor(read(event, 'channel', 'creator'))),
  channel_deleted: happened(channel, 'DELETE', (event) => userActor(read(event, 'actor_id'))),
  channel_history_changed: happened(channel, 'DELETE', byPlatform),
  channel_id_changed: happened((event) => thing(readId(event, 'new_channel_id'), 'channel'), undefined, byPlatform),
  channel_left: happened(channel, 'LEAVE'),
  channel_rename: happened(channel, undefined, byNobody),
  channel_shared: happened(channel, 'SHARE', byNobody),
  channel_unarchive: happened(channel, 'RESTORE'),
  channel_unshared: happened(channel, 'REVOKE', byNobody),
  group_archive: happened(channel, 'ARCHIVE', byNobody),
  group_close: activity(channel, 'CLOSE'),
  group_deleted: happened(channel, 'DELETE', byNobody),
  group_history_changed: happened(channel, 'DELETE', byPlatform),
  group_left: happened(channel, 'LEAVE', byNobody),
  group_open: activity(channel, 'OPEN'),
  group_rename: happened(channel, undefined, byNobody),
  group_unarchive: happened(channel, 'RESTORE', byNobody),
  im_close: activity(channel, 'CLOSE'),
  im_created: activity(channel, 'CREATE'),
  im_history_changed: happened(channel, 'DELETE', byPlatform),
  im_open: activity(channel, 'OPEN'),
  member_joined_channel: joined,
  member_left_channel: happened(user, 'LEAVE'),
  shared_channel_invite_accepted: happened(invite, 'APPROVE', (event) => userActor(read(event, 'accepting_user'))),
  shared_channel_invite_approved: happened(invite, 'APPROVE', (event) => userActor(read(event, 'approving_user'))),
  shared_channel_invite_declined: happened(invite, 'REJECT', (event) => userActor(read(event, 'declining_user'))),
  shared_channel_invite_received: happened(invite, 'INVITE', (event) =>
    userActor(read(event, 'invite', 'inviting_user')),
  ),
  shared_channel_invite_requested: happened(invite, 'REQUEST', (event) => userActor(read(event, 'actor'))),

  // What people do with messages and files.
  pin_added: activity(item),
  pin_removed: activity(item, 'DELETE'),
  reaction_added: activity(item),
  reaction_removed: activity(item, 'DELETE'),
  star_added: activity(item),
  star_removed: activity(item, 'DELETE'),
  link_shared: activity(message, 'SEND'),
  message_metadata_posted: activity(message, 'CREATE'),
  message_metadata_updated: activity(message),
  message_metadata_deleted: activity(message, 'DELETE'),
  file_change: activity(file),
  file_comment_deleted: activity(file, 'DELETE', byNobody),
  file_created: activity(file, 'CREATE'),
  file_deleted: activity(file, 'DELETE', byNobody),
  file_public: activity(file, 'SHARE'),
  file_shared: activity(file, 'SHARE'),
  file_unshared: activity(file, 'REVOKE', byNobody),

  // The app itself, and what people ask of it.
  app_context_changed: activity(chat),
  app_deleted: happened(app, 'DELETE', byPlatform),
  app_home_opened: activity(chat, 'READ'),
  app_installed: happened(app, 'CREATE'),
  app_rate_limited: happened(app, 'REJECT', byPlatform),
  app_requested: happened(app, 'REQUEST', (event) => userActor(read(event, 'app_request', 'user'))),
  app_uninstalled: happened(app, 'DELETE', byPlatform),
  app_uninstalled_team: happened(app, 'DELETE', byPlatform),
  tokens_revoked: happened(app, 'REVOKE', byPlatform),
  agent_session_stopped: told('bot.callback', chat, 'STOP'),
  agent_session_title_changed: activity(chat),
  assistant_thread_context_changed: activity(chat, undefined, (event) =>
    userActor(read(event, 'assistant_thread', 'user_id')),
  ),
  assistant_thread_started: activity(chat, 'CREATE', (event) => userActor(read(event, 'assistant_thread', 'user_id'))),
  call_rejected: activity((event) => thing(readId(event, 'call_id'), 'call'), 'REJECT'),
  entity_details_requested: activity(message, 'READ'),
  function_executed: told('bot.callback', execution),
  workflow_deleted: happened(workflow, 'DELETE'),
  workflow_published: happened(workflow, 'CREATE'),
  workflow_unpublished: happened(workflow, 'DELETE'),
  workflow_step_deleted: happened(workflow, 'DELETE'),
  workflow_step_execute: told('bot.callback', workflow),

  // People, groups and workspaces.
  dnd_updated: activity(user),
  dnd_updated_user: activity(user),
  email_domain_changed: happened(team, undefined, byPlatform),
  emoji_changed: happened(team, undefined, byPlatform),
  grid_migration_finished: happened(team, undefined, byPlatform),
  grid_migration_started: happened(team, undefined, byPlatform),
  invite_requested: happened(
    (event) => thing(readId(event, 'invite_request', 'id'), 'invite'),
    'REQUEST',
    (event) => userActor(read(event, 'invite_request', 'requester_ids', '0')),
  ),
  subteam_created: happened(group, 'CREATE', (event) => userActor(read(event, 'subteam', 'created_by'))),
  subteam_members_changed: happened(group, undefined, byNobody),
  subteam_self_added: happened(group, 'JOIN', byNobody),
  subteam_self_removed: happened(group, 'LEAVE', byNobody),
  subteam_updated: happened(group, undefined, (event) => userActor(read(event, 'subteam', 'updated_by'))),
  team_access_granted: happened(team, 'GRANT', byPlatform),
  team_access_revoked: happened(team, 'REVOKE', byPlatform),
  team_domain_change: happened(team, undefined, byPlatform),
  team_join: happened(user, 'JOIN'),
  team_rename: happened(team, undefined, byPlatform),
  user_change: activity(user),
  user_huddle_changed: activity(user),
  user_profile_changed: activity(user),
  user_status_changed: activity(user),
} as const satisfies Record<SlackEvent['type'], Mapping>;

/** A type of event that is newer than this table. */
const unheardOf: Mapping = activity((event, body) => message(event, body) ?? chat(event, body));

/** What an event of the Events API means. */
export function mapEvent(event: unknown, body: unknown): Meaning {
  const type = readId(event, 'type');
  const map: Mapping =
    type !== undefined && Object.hasOwn(EVENTS, type) ? EVENTS[type as SlackEvent['type']] : unheardOf;
  return map(event, body);
}
