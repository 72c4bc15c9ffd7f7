import type { Chat, ChatMemberUpdated, Message, Update } from 'grammy/types';
import type { UpdateType } from '../types.ts';
import type { Scene } from './scene.ts';

type Examples = { readonly [Type in UpdateType]: (scene: Scene) => NonNullable<Update[Type]> };

const NOW = () => Math.floor(Date.now() / 1000);

const inForum = (s: Scene) => s.written as NonNullable<Update['message']>;

const inDialogue = ({ dialogue, alice }: Scene) =>
  ({
    message_id: 7,
    date: NOW(),
    chat: dialogue.json,
    from: alice.user,
    text: 'Hello',
  }) as Message & { chat: Chat.PrivateChat; from: Scene['alice']['user'] };

const inChannel = ({ channel }: Scene) =>
  ({
    message_id: 9,
    date: NOW(),
    chat: channel.json,
    sender_chat: channel.json,
    text: 'News',
  }) as Message & { chat: Chat.ChannelChat };

const edited = { edit_date: NOW() };

function joined(s: Scene, user: ChatMemberUpdated['from']): ChatMemberUpdated {
  return {
    chat: s.forum.json,
    from: s.alice.user,
    date: NOW(),
    old_chat_member: { status: 'left', user },
    new_chat_member: { status: 'member', user },
  };
}

const boost = (s: Scene) => ({ source: 'premium', user: s.alice.user }) as const;

/** One update of every type, as Telegram would send it to the scene's bot. */
export const EVERY_UPDATE: Examples = {
  message: inForum,
  edited_message: (s) => ({ ...inForum(s), ...edited, text: 'Hello again' }),
  channel_post: inChannel,
  edited_channel_post: (s) => ({ ...inChannel(s), ...edited }),
  business_connection: (s) => ({
    id: 'b1',
    user: s.alice.user,
    user_chat_id: s.alice.id,
    date: NOW(),
    is_enabled: true,
  }),
  business_message: (s) => ({ ...inDialogue(s), business_connection_id: 'b1' }),
  edited_business_message: (s) => ({ ...inDialogue(s), ...edited, business_connection_id: 'b1' }),
  deleted_business_messages: (s) => ({
    business_connection_id: 'b1',
    chat: s.dialogue.json as Chat.PrivateChat,
    message_ids: [7],
  }),
  guest_message: (s) => ({ ...inForum(s), guest_query_id: s.asked('guest') }),
  stopped_message_generation: (s) => ({ chat: s.dialogue.json as Chat.PrivateChat, draft_id: 1 }),
  message_reaction: (s) => ({
    chat: s.forum.json,
    message_id: s.own.message_id,
    user: s.alice.user,
    date: NOW(),
    old_reaction: [],
    new_reaction: [{ type: 'emoji', emoji: '👍' }],
  }),
  message_reaction_count: (s) => ({
    chat: s.channel.json,
    message_id: 9,
    date: NOW(),
    reactions: [{ type: { type: 'emoji', emoji: '👍' }, total_count: 3 }],
  }),
  inline_query: (s) => ({ id: s.asked('inline'), from: s.alice.user, query: 'tea', offset: '' }),
  chosen_inline_result: (s) => ({ result_id: '1', from: s.alice.user, query: 'tea' }),
  callback_query: (s) => ({
    id: s.asked('callback'),
    from: s.alice.user,
    message: s.own,
    chat_instance: '1',
    data: 'one',
  }),
  shipping_query: (s) => ({
    id: s.asked('shipping'),
    from: s.alice.user,
    invoice_payload: 'tea',
    shipping_address: {
      country_code: 'AT',
      state: '',
      city: 'Wien',
      street_line1: 'Ring 1',
      street_line2: '',
      post_code: '1010',
    },
  }),
  pre_checkout_query: (s) => ({
    id: s.asked('pre_checkout'),
    from: s.alice.user,
    currency: 'XTR',
    total_amount: 5,
    invoice_payload: 'tea',
  }),
  purchased_paid_media: (s) => ({ from: s.alice.user, paid_media_payload: 'cat' }),
  poll: (s) => ({ ...(s.poll.poll as NonNullable<Update['poll']>), is_closed: true }),
  poll_answer: (s) => ({
    poll_id: s.poll.poll?.id ?? '',
    user: s.alice.user,
    option_ids: [0],
    option_persistent_ids: ['0'],
  }),
  my_chat_member: (s) => joined(s, s.bot.user),
  chat_member: (s) => joined(s, s.petra.user),
  chat_join_request: (s) => ({
    chat: s.forum.json as Chat.SupergroupChat,
    from: s.petra.user,
    user_chat_id: s.petra.id,
    date: NOW(),
  }),
  chat_boost: (s) => ({
    chat: s.forum.json,
    boost: { boost_id: 'boost1', add_date: NOW(), expiration_date: NOW() + 86_400, source: boost(s) },
  }),
  removed_chat_boost: (s) => ({ chat: s.forum.json, boost_id: 'boost1', remove_date: NOW(), source: boost(s) }),
  managed_bot: (s) => ({ user: s.alice.user, bot: { id: 7_100_000_001, is_bot: true, first_name: 'Child' } }),
  subscription: (s) => ({ user: s.alice.user, invoice_payload: 'tea', state: 'canceled' }),
};
