import type { ChatInviteLink, ChatMember, ChatMemberUpdated, User } from 'grammy/types';
import type { TelegramChat } from './chat.ts';
import { isAdministrator, isPresent } from './members.ts';

export interface MembershipChange {
  /** Who did it. */
  readonly by: User;
  readonly next: ChatMember;
  readonly inviteLink?: ChatInviteLink | undefined;
  readonly viaJoinRequest?: boolean | undefined;
}

/**
 * Changes what a user is in a chat, tells the bots that may know (`my_chat_member`, `chat_member`), and posts the service
 * message that goes with it.
 */
export function changeMember(chat: TelegramChat, change: MembershipChange): void {
  const { by, next, inviteLink, viaJoinRequest } = change;
  const old = chat.members.of(next.user);
  chat.members.set(next);
  const update: ChatMemberUpdated = {
    chat: chat.json,
    from: by,
    date: chat.world.now,
    old_chat_member: old,
    new_chat_member: next,
    ...(inviteLink && { invite_link: inviteLink }),
    ...(viaJoinRequest && { via_join_request: true }),
  };
  for (const bot of chat.world.bots) {
    if (bot.id === next.user.id) bot.queue.push({ my_chat_member: update });
    else if (isAdministrator(chat.members.of(bot.user))) bot.queue.push({ chat_member: update });
  }
  if (chat.type === 'group' || chat.type === 'supergroup') {
    if (!isPresent(old) && isPresent(next)) chat.post(by, { new_chat_members: [next.user] });
    else if (isPresent(old) && !isPresent(next)) chat.post(by, { left_chat_member: next.user });
  }
  chat.world.signal.notify();
}
