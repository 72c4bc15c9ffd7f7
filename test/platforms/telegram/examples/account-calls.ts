import { InputFile } from 'grammy';
import type { Method } from '../types.ts';
import type { Examples } from './every-method.ts';
import type { Scene } from './scene.ts';

const business = { business_connection_id: 'b1' } as const;
const nothing = () => ({});
const toAlice = ({ alice }: Scene) => ({ user_id: alice.id });
const stickerOf = ({ file }: Scene) => ({ sticker: file.fileId });
const named = { name: 'cats_by_bot' } as const;

function upload(): InputFile {
  return new InputFile(Buffer.from('the bytes of a cat'), 'cat.jpg');
}

/** The methods about accounts rather than chats, and how to call them. */
export const accountCalls = {
  getFile: (s) => ({ file_id: s.file.fileId }),
  getStickerSet: () => named,
  getCustomEmojiStickers: () => ({ custom_emoji_ids: ['1'] }),
  setStickerPositionInSet: (s) => ({ ...stickerOf(s), position: 0 }),
  deleteStickerFromSet: stickerOf,
  setStickerEmojiList: (s) => ({ ...stickerOf(s), emoji_list: ['🐈'] }),
  setStickerKeywords: (s) => ({ ...stickerOf(s), keywords: ['cat'] }),
  setStickerMaskPosition: stickerOf,
  setStickerSetTitle: () => ({ ...named, title: 'Cats' }),
  deleteStickerSet: () => named,
  setStickerSetThumbnail: (s) => ({ ...named, ...toAlice(s), format: 'static' }),
  setCustomEmojiStickerSetThumbnail: () => named,
  getUserProfilePhotos: toAlice,
  getUserProfileAudios: toAlice,
  getUserPersonalChatMessages: (s) => ({ ...toAlice(s), limit: 1 }),
  getUserChatBoosts: (s) => ({ ...toAlice(s), chat_id: s.forum.id }),
  getUserGifts: toAlice,
  setUserEmojiStatus: toAlice,

  setMyCommands: () => ({ commands: [{ command: 'ban', description: 'Throw somebody out' }] }),
  deleteMyCommands: nothing,
  getMyCommands: nothing,
  setMyName: () => ({ name: 'Warden' }),
  getMyName: nothing,
  setMyDescription: () => ({ description: 'Keeps order' }),
  getMyDescription: nothing,
  setMyShortDescription: () => ({ short_description: 'Order' }),
  getMyShortDescription: nothing,
  setMyProfilePhoto: () => ({ photo: { type: 'static', photo: upload() } }),
  removeMyProfilePhoto: nothing,
  setChatMenuButton: () => ({ menu_button: { type: 'commands' } }),
  getChatMenuButton: nothing,
  setMyDefaultAdministratorRights: nothing,
  getMyDefaultAdministratorRights: nothing,

  getBusinessConnection: () => business,
  readBusinessMessage: (s) => ({ ...business, chat_id: s.alice.id, message_id: 1 }),
  deleteBusinessMessages: () => ({ ...business, message_ids: [1] }),
  setBusinessAccountName: () => ({ ...business, first_name: 'Shop' }),
  setBusinessAccountUsername: () => ({ ...business, username: 'shop' }),
  setBusinessAccountBio: () => ({ ...business, bio: 'Sells tea' }),
  setBusinessAccountProfilePhoto: () => ({ ...business, photo: { type: 'static', photo: upload() } }),
  removeBusinessAccountProfilePhoto: () => business,
  setBusinessAccountGiftSettings: () => ({
    ...business,
    show_gift_button: true,
    accepted_gift_types: {
      unlimited_gifts: true,
      limited_gifts: true,
      unique_gifts: true,
      premium_subscription: true,
      gifts_from_channels: true,
    },
  }),
  getBusinessAccountStarBalance: () => business,
  transferBusinessAccountStars: () => ({ ...business, star_count: 5 }),
  getBusinessAccountGifts: () => business,
  convertGiftToStars: () => ({ ...business, owned_gift_id: 'g1' }),
  upgradeGift: () => ({ ...business, owned_gift_id: 'g1' }),
  transferGift: (s) => ({ ...business, owned_gift_id: 'g1', new_owner_chat_id: s.alice.id, star_count: 5 }),
  postStory: () => ({ ...business, content: { type: 'photo', photo: upload() }, active_period: 86_400 }),
  repostStory: (s) => ({ ...business, from_chat_id: s.channel.id, from_story_id: 1, active_period: 86_400 }),
  editStory: () => ({ ...business, story_id: 1, content: { type: 'photo', photo: upload() } }),
  deleteStory: () => ({ ...business, story_id: 1 }),

  getAvailableGifts: nothing,
  getChatGifts: (s) => ({ chat_id: s.channel.id }),
  sendGift: (s) => ({ ...toAlice(s), gift_id: 'g1' }),
  giftPremiumSubscription: (s) => ({ ...toAlice(s), month_count: 3, star_count: 1000 }),
  verifyUser: toAlice,
  verifyChat: (s) => ({ chat_id: s.channel.id }),
  removeUserVerification: toAlice,
  removeChatVerification: (s) => ({ chat_id: s.channel.id }),
  setPassportDataErrors: (s) => ({
    ...toAlice(s),
    errors: [{ source: 'unspecified', type: 'address', element_hash: 'aGFzaA==', message: 'Blurred' }],
  }),

  getManagedBotToken: toAlice,
  replaceManagedBotToken: toAlice,
  getManagedBotAccessSettings: toAlice,
  setManagedBotAccessSettings: (s) => ({ ...toAlice(s), is_access_restricted: true }),
  approveSuggestedPost: (s) => ({ chat_id: s.channel.id, message_id: 1 }),
  declineSuggestedPost: (s) => ({ chat_id: s.channel.id, message_id: 1 }),
  setGameScore: (s) => ({ ...toAlice(s), score: 3, chat_id: s.forum.id, message_id: s.game.message_id }),
  getGameHighScores: toAlice,
} satisfies Partial<Examples<Method>>;
