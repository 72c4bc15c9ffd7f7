import { randomBytes } from 'node:crypto';
import type { ChatInviteLink, ChatJoinRequest } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, requireRight, userOfCall } from '../call.ts';
import type { TelegramChat } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { changeMember } from '../membership.ts';

const NO_RIGHT = 'not enough rights to manage chat invite link';

function createLink(call: Call, details: Partial<ChatInviteLink> = {}): ChatInviteLink {
  const { args, bot } = call;
  const chat = chatOfCall(call);
  requireRight(chat, call, 'can_invite_users', NO_RIGHT);
  const link: ChatInviteLink = {
    invite_link: `https://t.me/+${randomBytes(12).toString('base64url')}`,
    creator: bot.user,
    creates_join_request: args.flag('creates_join_request'),
    is_primary: false,
    is_revoked: false,
    ...limits(call),
    ...details,
  };
  chat.inviteLinks.set(link.invite_link, link);
  return link;
}

function limits({ args }: Call): Partial<ChatInviteLink> {
  const expires = args.integer('expire_date');
  const members = args.integer('member_limit');
  return {
    ...(args.has('name') && { name: args.text('name') }),
    ...(expires !== undefined && { expire_date: expires }),
    ...(members !== undefined && { member_limit: members }),
  };
}

function changeLink(call: Call, details: Partial<ChatInviteLink>): ChatInviteLink {
  const chat = chatOfCall(call);
  requireRight(chat, call, 'can_invite_users', NO_RIGHT);
  const link = chat.inviteLinks.get(call.args.text('invite_link'));
  if (!link) throw badRequest('INVITE_HASH_EXPIRED');
  const changed = { ...link, ...details };
  chat.inviteLinks.set(link.invite_link, changed);
  return changed;
}

/** Takes a request to join out of the list. */
function settle(call: Call): { chat: TelegramChat; request: ChatJoinRequest } {
  const chat = chatOfCall(call);
  requireRight(chat, call, 'can_invite_users');
  const user = userOfCall(call);
  const request = chat.joinRequests.get(user.id);
  if (!request) throw badRequest('HIDE_REQUESTER_MISSING');
  chat.joinRequests.delete(user.id);
  return { chat, request };
}

/** Invite links and requests to join. */
export const inviteMethods: Handlers<
  | 'exportChatInviteLink'
  | 'createChatInviteLink'
  | 'editChatInviteLink'
  | 'createChatSubscriptionInviteLink'
  | 'editChatSubscriptionInviteLink'
  | 'revokeChatInviteLink'
  | 'approveChatJoinRequest'
  | 'declineChatJoinRequest'
> = {
  exportChatInviteLink: (call) => createLink(call, { is_primary: true }).invite_link,

  createChatInviteLink: (call) => createLink(call),

  editChatInviteLink: (call) => changeLink(call, limits(call)),

  createChatSubscriptionInviteLink(call) {
    const period = call.args.integer('subscription_period');
    const price = call.args.integer('subscription_price');
    if (period === undefined || price === undefined) throw badRequest('invalid subscription period or price');
    return createLink(call, { subscription_period: period, subscription_price: price });
  },

  editChatSubscriptionInviteLink: (call) => changeLink(call, limits(call)),

  revokeChatInviteLink: (call) => changeLink(call, { is_revoked: true }),

  approveChatJoinRequest(call) {
    const { chat, request } = settle(call);
    const { from, invite_link } = request;
    const next = { status: 'member', user: from } as const;
    changeMember(chat, { by: from, next, inviteLink: invite_link, viaJoinRequest: true });
    return true;
  },

  declineChatJoinRequest(call) {
    settle(call);
    call.world.signal.notify();
    return true;
  },
};
