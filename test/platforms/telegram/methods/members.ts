import type { ChatMember, ChatMemberAdministrator, ChatMemberOwner, ChatPermissions, User } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, requireRight, requireSupergroup, userOfCall } from '../call.ts';
import type { TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { administrator, isAdministrator, isPresent, untilDate } from '../members.ts';
import { changeMember } from '../membership.ts';
import { ADMIN_RIGHTS, type AdminRight, completePermissions, isUnrestricted } from '../rights.ts';

const NO_RIGHT = 'not enough rights to restrict/unrestrict chat member';

/** The user that a call acts on, if the bot may: not itself, not the owner, not an administrator. */
function restrictable(chat: TelegramChat, call: Call): User {
  if (chat.type === 'private') throw badRequest("can't ban members in private chats");
  const user = userOfCall(call);
  requireRight(chat, call, 'can_restrict_members', NO_RIGHT);
  if (user.id === call.bot.id) throw badRequest("can't restrict self");
  const member = chat.members.of(user);
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (member.status === 'administrator') throw badRequest('user is an administrator of the chat');
  return user;
}

function change({ world, bot }: Call, chat: TelegramChat, next: ChatMember): true {
  if (JSON.stringify(chat.members.of(next.user)) !== JSON.stringify(next)) changeMember(chat, { by: bot.user, next });
  world.signal.notify();
  return true;
}

function ban(call: Call): true {
  const chat = chatOfCall(call);
  const user = restrictable(chat, call);
  const until_date = untilDate(call.args.integer('until_date'), call.world.now);
  if (call.args.flag('revoke_messages')) {
    for (const message of chat.messages) if (message.from?.id === user.id) chat.delete(message.message_id);
  }
  return change(call, chat, { status: 'kicked', user, until_date });
}

/** `permissions` in which the old, broad ones stand for the newer ones that they imply. */
function implied(permissions: ChatPermissions, independent: boolean): ChatPermissions {
  if (independent) return permissions;
  const {
    can_send_other_messages: other,
    can_send_polls: polls,
    can_send_messages: text = other || polls,
  } = permissions;
  const media = other ?? permissions.can_add_web_page_previews;
  const kinds = ['audios', 'documents', 'photos', 'videos', 'video_notes', 'voice_notes'] as const;
  const implications = media ? Object.fromEntries(kinds.map((kind) => [`can_send_${kind}`, true])) : {};
  return { ...implications, ...permissions, ...(text !== undefined && { can_send_messages: text }) };
}

function memberCount(call: Call): number {
  return chatOfCall(call).members.present.length;
}

/** Who is in a chat and what they may do. */
export const memberMethods: Handlers<
  | 'banChatMember'
  | 'kickChatMember'
  | 'unbanChatMember'
  | 'restrictChatMember'
  | 'promoteChatMember'
  | 'setChatAdministratorCustomTitle'
  | 'setChatMemberTag'
  | 'banChatSenderChat'
  | 'unbanChatSenderChat'
  | 'setChatPermissions'
  | 'getChatMember'
  | 'getChatAdministrators'
  | 'getChatMemberCount'
  | 'getChatMembersCount'
> = {
  banChatMember: ban,
  kickChatMember: ban,

  unbanChatMember(call) {
    const chat = chatOfCall(call);
    const user = restrictable(chat, call);
    const member = chat.members.of(user);
    // Telegram throws out a member whom one unbans, unless asked not to.
    if (member.status !== 'kicked' && call.args.flag('only_if_banned')) return true;
    return change(call, chat, { status: 'left', user });
  },

  restrictChatMember(call) {
    const chat = chatOfCall(call);
    requireSupergroup(chat);
    const given = call.args.json<ChatPermissions>('permissions') ?? {};
    const user = restrictable(chat, call);
    const is_member = isPresent(chat.members.of(user));
    const permissions = completePermissions(implied(given, call.args.flag('use_independent_chat_permissions')));
    if (isUnrestricted(permissions)) return change(call, chat, { status: is_member ? 'member' : 'left', user });
    const until_date = untilDate(call.args.integer('until_date'), call.world.now);
    return change(call, chat, { status: 'restricted', user, is_member, until_date, ...permissions });
  },

  promoteChatMember(call) {
    const { args, bot } = call;
    const chat = chatOfCall(call);
    if (chat.type !== 'supergroup' && chat.type !== 'channel') {
      throw badRequest('method is available for supergroup and channel chats only');
    }
    const user = userOfCall(call);
    requireRight(chat, call, 'can_promote_members');
    if (user.id === bot.id) throw badRequest("can't promote self");
    const member = chat.members.of(user);
    if (member.status === 'creator') throw badRequest("can't remove chat owner");
    if (member.status === 'administrator' && !member.can_be_edited) throw badRequest('CHAT_ADMIN_REQUIRED');
    if (!isPresent(member)) throw badRequest('USER_NOT_PARTICIPANT');
    const rights = Object.fromEntries(ADMIN_RIGHTS.map((right) => [right, args.flag(right)])) as Record<
      AdminRight,
      boolean
    >;
    const granted = ADMIN_RIGHTS.filter((right) => rights[right]);
    if (granted.length === 0) return change(call, chat, { status: 'member', user });
    for (const right of granted) {
      if (right !== 'can_manage_chat') requireRight(chat, call, right, 'RIGHT_FORBIDDEN');
    }
    return change(call, chat, { ...administrator(user, rights), can_be_edited: true });
  },

  setChatAdministratorCustomTitle(call) {
    const chat = chatOfCall(call);
    requireSupergroup(chat);
    const member = chat.members.of(userOfCall(call));
    if (member.status === 'creator') throw badRequest('only the owner can edit their custom title');
    if (member.status !== 'administrator') throw badRequest('user is not an administrator');
    if (!member.can_be_edited) throw badRequest('not enough rights to change custom title of the user');
    chat.members.set({ ...member, custom_title: call.args.text('custom_title') });
    return true;
  },

  setChatMemberTag(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_manage_tags');
    const member = chat.members.of(userOfCall(call));
    if (member.status !== 'member' && member.status !== 'restricted') throw badRequest('PARTICIPANT_ID_INVALID');
    chat.members.set({ ...member, tag: call.args.text('tag') });
    return true;
  },

  banChatSenderChat(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_restrict_members', NO_RIGHT);
    if (!call.args.has('sender_chat_id')) throw badRequest('sender_chat_id is empty');
    chat.bannedSenderChats.add(call.args.integer('sender_chat_id') ?? 0);
    return true;
  },

  unbanChatSenderChat(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_restrict_members', NO_RIGHT);
    chat.bannedSenderChats.delete(call.args.integer('sender_chat_id') ?? 0);
    return true;
  },

  setChatPermissions(call) {
    const chat = chatOfCall(call);
    requireRight(chat, call, 'can_restrict_members', 'not enough rights to change chat permissions');
    const given = call.args.json<ChatPermissions>('permissions') ?? {};
    chat.permissions = completePermissions(implied(given, call.args.flag('use_independent_chat_permissions')));
    return true;
  },

  getChatMember(call) {
    const chat = chatOfCall(call);
    return chat.members.of(userOfCall(call));
  },

  getChatAdministrators(call) {
    const chat = chatOfCall(call);
    if (chat.type === 'private') throw badRequest('there are no administrators in the private chat');
    const others = ({ user }: ChatMember) => !user.is_bot || user.id === call.bot.id || call.args.flag('return_bots');
    const isChief = (member: ChatMember): member is ChatMemberOwner | ChatMemberAdministrator =>
      isAdministrator(member);
    return chat.members.administrators.filter(others).filter(isChief);
  },

  getChatMemberCount: memberCount,
  getChatMembersCount: memberCount,
};
