import { InputFile } from 'grammy';
import type { InlineQueryResultArticle, InputSticker, Opts } from 'grammy/types';
import type { Method } from '../types.ts';
import { accountCalls } from './account-calls.ts';
import type { Scene } from './scene.ts';

/** How to call each method so that it succeeds in a scene. */
export type Examples<M extends Method = Method> = { readonly [Name in M]: (scene: Scene) => Opts<Name> };

/** The methods that say where updates go or end the bot: not for a bot that is to go on polling. */
export const DISRUPTIVE: ReadonlySet<Method> = new Set<Method>(['getUpdates', 'setWebhook', 'logOut', 'close']);

const HOUR = 3600;

function upload(name = 'cat.jpg'): InputFile {
  return new InputFile(Buffer.from('the bytes of a cat'), name);
}

const toForum = ({ forum }: Scene) => ({ chat_id: forum.id });
const toMallory = ({ forum, mallory }: Scene) => ({ chat_id: forum.id, user_id: mallory.id });
const ofOwn = ({ forum, own }: Scene) => ({ chat_id: forum.id, message_id: own.message_id });
const ofWritten = ({ forum, written }: Scene) => ({ chat_id: forum.id, message_id: written.message_id });
const inOpenTopic = ({ forum, topics }: Scene) => ({ chat_id: forum.id, message_thread_id: topics.open });
const inClosedTopic = ({ forum, topics }: Scene) => ({ chat_id: forum.id, message_thread_id: topics.closed });
const toPetra = ({ forum, petra }: Scene) => ({ chat_id: forum.id, user_id: petra.id });
const nothing = () => ({});

const ephemeral = ({ forum, alice }: Scene) => ({
  chat_id: forum.id,
  receiver_user_id: alice.id,
  ephemeral_message_id: 1,
});

const invoice = {
  title: 'Tea',
  description: 'A cup of tea',
  payload: 'tea',
  currency: 'XTR',
  prices: [{ label: 'Tea', amount: 5 }],
};

const article: InlineQueryResultArticle = {
  type: 'article',
  id: '1',
  title: 'Tea',
  input_message_content: { message_text: 'Tea' },
};

const sticker = ({ file }: Scene): InputSticker => ({ sticker: file.fileId, format: 'static', emoji_list: ['🐈'] });

export const EVERY_CALL: Examples = {
  ...accountCalls,

  getUpdates: nothing,
  setWebhook: () => ({ url: 'https://127.0.0.1:8443/hook', secret_token: 'secret' }),
  deleteWebhook: nothing,
  getWebhookInfo: nothing,
  getMe: nothing,
  logOut: nothing,
  close: nothing,

  sendMessage: (s) => ({ ...toForum(s), text: 'Hello' }),
  sendRichMessage: (s) => ({ ...toForum(s), rich_message: { html: '<b>Hello</b>' } }),
  sendMessageDraft: (s) => ({ chat_id: s.alice.id, draft_id: 1, text: 'Hel' }),
  sendRichMessageDraft: (s) => ({ chat_id: s.alice.id, draft_id: 1, rich_message: { html: 'Hel' } }),
  sendChatAction: (s) => ({ ...toForum(s), action: 'typing' }),
  sendLocation: (s) => ({ ...toForum(s), latitude: 48.2, longitude: 16.3 }),
  sendVenue: (s) => ({ ...toForum(s), latitude: 48.2, longitude: 16.3, title: 'Dom', address: 'Platz 1' }),
  sendContact: (s) => ({ ...toForum(s), phone_number: '+43123', first_name: 'Ada' }),
  sendPoll: (s) => ({ ...toForum(s), question: 'Tea?', options: [{ text: 'Yes' }, { text: 'No' }] }),
  sendChecklist: (s) => ({
    ...toForum(s),
    business_connection_id: 'b1',
    checklist: { title: 'To do', tasks: [{ id: 1, text: 'Sleep' }] },
  }),
  sendDice: toForum,
  sendGame: (s) => ({ chat_id: s.forum.id, game_short_name: 'chess' }),
  sendInvoice: (s) => ({ ...toForum(s), ...invoice }),

  sendPhoto: (s) => ({ ...toForum(s), photo: s.file.fileId, caption: 'A cat' }),
  sendLivePhoto: (s) => ({ ...toForum(s), live_photo: s.file.fileId, photo: s.file.fileId }),
  sendAudio: (s) => ({ ...toForum(s), audio: s.file.fileId }),
  sendDocument: (s) => ({ ...toForum(s), document: upload() }),
  sendVideo: (s) => ({ ...toForum(s), video: s.file.fileId }),
  sendAnimation: (s) => ({ ...toForum(s), animation: s.file.fileId }),
  sendVoice: (s) => ({ ...toForum(s), voice: s.file.fileId }),
  sendVideoNote: (s) => ({ ...toForum(s), video_note: s.file.fileId }),
  sendSticker: (s) => ({ ...toForum(s), sticker: s.file.fileId }),
  sendPaidMedia: (s) => ({ ...toForum(s), star_count: 5, media: [{ type: 'photo', media: s.file.fileId }] }),
  sendMediaGroup: (s) => ({
    ...toForum(s),
    media: [
      { type: 'photo', media: s.file.fileId },
      { type: 'photo', media: upload() },
    ],
  }),

  forwardMessage: (s) => ({ ...ofWritten(s), from_chat_id: s.forum.id, chat_id: s.channel.id }),
  forwardMessages: (s) => ({
    chat_id: s.channel.id,
    from_chat_id: s.forum.id,
    message_ids: [s.written.message_id, s.own.message_id],
  }),
  copyMessage: (s) => ({ ...ofWritten(s), from_chat_id: s.forum.id, chat_id: s.channel.id }),
  copyMessages: (s) => ({ chat_id: s.channel.id, from_chat_id: s.forum.id, message_ids: [s.written.message_id] }),

  editMessageText: (s) => ({ ...ofOwn(s), text: 'Chosen' }),
  editMessageCaption: (s) => ({ ...toForum(s), message_id: s.photo.message_id, caption: 'A dog' }),
  editMessageMedia: (s) => ({
    ...toForum(s),
    message_id: s.photo.message_id,
    media: { type: 'photo', media: s.file.fileId, caption: 'Another' },
  }),
  editMessageReplyMarkup: ofOwn,
  editMessageLiveLocation: (s) => ({ ...toForum(s), message_id: s.place.message_id, latitude: 1, longitude: 2 }),
  stopMessageLiveLocation: (s) => ({ ...toForum(s), message_id: s.place.message_id }),
  editMessageChecklist: (s) => ({
    business_connection_id: 'b1',
    chat_id: s.forum.id,
    message_id: s.checklist.message_id,
    checklist: { title: 'Done', tasks: [{ id: 1, text: 'Slept' }] },
  }),
  stopPoll: (s) => ({ ...toForum(s), message_id: s.poll.message_id }),
  deleteMessage: ofWritten,
  deleteMessages: (s) => ({ ...toForum(s), message_ids: [s.written.message_id, s.own.message_id] }),
  setMessageReaction: (s) => ({ ...ofWritten(s), reaction: [{ type: 'emoji', emoji: '👍' }] }),
  deleteMessageReaction: (s) => ({ ...ofWritten(s), user_id: s.mallory.id }),
  deleteAllMessageReactions: (s) => ({ ...toForum(s), user_id: s.mallory.id }),
  editEphemeralMessageText: (s) => ({ ...ephemeral(s), text: 'Only you see this' }),
  editEphemeralMessageMedia: (s) => ({ ...ephemeral(s), media: { type: 'photo', media: s.file.fileId } }),
  editEphemeralMessageCaption: (s) => ({ ...ephemeral(s), caption: 'Only you' }),
  editEphemeralMessageReplyMarkup: ephemeral,
  deleteEphemeralMessage: ephemeral,

  banChatMember: toMallory,
  kickChatMember: toMallory,
  unbanChatMember: toMallory,
  restrictChatMember: (s) => ({ ...toMallory(s), permissions: { can_send_messages: false } }),
  promoteChatMember: (s) => ({ ...toMallory(s), can_pin_messages: true }),
  setChatAdministratorCustomTitle: (s) => ({ ...toForum(s), user_id: s.deputy.id, custom_title: 'Deputy' }),
  setChatMemberTag: (s) => ({ ...toMallory(s), tag: 'new' }),
  banChatSenderChat: (s) => ({ ...toForum(s), sender_chat_id: s.channel.id }),
  unbanChatSenderChat: (s) => ({ ...toForum(s), sender_chat_id: s.channel.id }),
  setChatPermissions: (s) => ({ ...toForum(s), permissions: { can_send_messages: true } }),
  getChatMember: toMallory,
  getChatAdministrators: toForum,
  getChatMemberCount: toForum,
  getChatMembersCount: toForum,

  getChat: toForum,
  setChatTitle: (s) => ({ ...toForum(s), title: 'Assembly' }),
  setChatDescription: (s) => ({ ...toForum(s), description: 'Where we talk' }),
  setChatPhoto: (s) => ({ ...toForum(s), photo: upload() }),
  deleteChatPhoto: toForum,
  setChatStickerSet: (s) => ({ ...toForum(s), sticker_set_name: 'cats_by_bot' }),
  deleteChatStickerSet: toForum,
  pinChatMessage: ofOwn,
  unpinChatMessage: toForum,
  unpinAllChatMessages: toForum,
  leaveChat: toForum,

  exportChatInviteLink: toForum,
  createChatInviteLink: (s) => ({ ...toForum(s), name: 'For friends' }),
  editChatInviteLink: (s) => ({ ...toForum(s), invite_link: s.inviteLink, name: 'For all' }),
  createChatSubscriptionInviteLink: (s) => ({ ...toForum(s), subscription_period: 720 * HOUR, subscription_price: 5 }),
  editChatSubscriptionInviteLink: (s) => ({ ...toForum(s), invite_link: s.inviteLink, name: 'For all' }),
  revokeChatInviteLink: (s) => ({ ...toForum(s), invite_link: s.inviteLink }),
  approveChatJoinRequest: toPetra,
  declineChatJoinRequest: toPetra,
  answerChatJoinRequestQuery: (s) => ({ chat_join_request_query_id: s.asked('join_request'), result: 'approve' }),
  sendChatJoinRequestWebApp: (s) => ({
    chat_join_request_query_id: s.asked('join_request'),
    web_app_url: 'https://example.org/app',
  }),

  createForumTopic: (s) => ({ ...toForum(s), name: 'Tea' }),
  editForumTopic: (s) => ({ ...inOpenTopic(s), name: 'Coffee' }),
  closeForumTopic: inOpenTopic,
  reopenForumTopic: inClosedTopic,
  deleteForumTopic: inOpenTopic,
  unpinAllForumTopicMessages: inOpenTopic,
  editGeneralForumTopic: (s) => ({ ...toForum(s), name: 'Everything' }),
  closeGeneralForumTopic: toForum,
  reopenGeneralForumTopic: toForum,
  hideGeneralForumTopic: toForum,
  unhideGeneralForumTopic: toForum,
  unpinAllGeneralForumTopicMessages: toForum,
  getForumTopicIconStickers: nothing,

  answerCallbackQuery: (s) => ({ callback_query_id: s.asked('callback'), text: 'Done' }),
  answerInlineQuery: (s) => ({ inline_query_id: s.asked('inline'), results: [article] }),
  answerWebAppQuery: (s) => ({ web_app_query_id: s.asked('web_app'), result: article }),
  answerGuestQuery: (s) => ({ guest_query_id: s.asked('guest'), result: article }),
  savePreparedInlineMessage: (s) => ({ user_id: s.alice.id, result: article, allow_user_chats: true }),
  savePreparedKeyboardButton: (s) => ({ user_id: s.alice.id, button: { text: 'A', request_users: { request_id: 1 } } }),

  createInvoiceLink: () => invoice,
  answerShippingQuery: (s) => ({
    shipping_query_id: s.asked('shipping'),
    ok: true,
    shipping_options: [{ id: 'post', title: 'Post', prices: [{ label: 'Post', amount: 1 }] }],
  }),
  answerPreCheckoutQuery: (s) => ({ pre_checkout_query_id: s.asked('pre_checkout'), ok: true }),
  getMyStarBalance: nothing,
  getStarTransactions: nothing,
  refundStarPayment: (s) => ({ user_id: s.alice.id, telegram_payment_charge_id: s.chargeId }),
  editUserStarSubscription: (s) => ({
    user_id: s.alice.id,
    telegram_payment_charge_id: s.chargeId,
    is_canceled: true,
  }),

  uploadStickerFile: (s) => ({ user_id: s.alice.id, sticker_format: 'static', sticker: upload('cat.webp') }),
  createNewStickerSet: (s) => ({ user_id: s.alice.id, name: 'cats_by_bot', title: 'Cats', stickers: [sticker(s)] }),
  addStickerToSet: (s) => ({ user_id: s.alice.id, name: 'cats_by_bot', sticker: sticker(s) }),
  replaceStickerInSet: (s) => ({
    user_id: s.alice.id,
    name: 'cats_by_bot',
    old_sticker: s.file.fileId,
    sticker: sticker(s),
  }),
};
