import { randomBytes } from 'node:crypto';
import type { Message, Story } from 'grammy/types';
import { type Call, chatOfCall, type Handlers, userOfCall } from '../call.ts';
import { badRequest } from '../errors.ts';

/**
 * What needs no state here: business accounts, gifts, stories, verification, bots that a bot manages, games. A call is
 * checked for whom it names, and answered.
 */
function done(): true {
  return true;
}

function forUser(call: Call): true {
  userOfCall(call);
  return true;
}

function inChat(call: Call): true {
  chatOfCall(call);
  return true;
}

function business({ args }: Call): true {
  if (!args.has('business_connection_id')) throw badRequest('business connection not found');
  return true;
}

function story({ args, bot, world }: Call): Story {
  const chat = { id: bot.id, type: 'private', first_name: bot.me.first_name } as const;
  return { chat, id: args.integer('story_id') ?? Number(world.uniqueId().slice(-6)) };
}

function managedToken({ args }: Call): string {
  return `${args.integer('user_id')}:AA${randomBytes(25).toString('base64url').slice(0, 33)}`;
}

export const accountMethods: Handlers<
  | 'getBusinessConnection'
  | 'readBusinessMessage'
  | 'deleteBusinessMessages'
  | 'setBusinessAccountName'
  | 'setBusinessAccountUsername'
  | 'setBusinessAccountBio'
  | 'setBusinessAccountProfilePhoto'
  | 'removeBusinessAccountProfilePhoto'
  | 'setBusinessAccountGiftSettings'
  | 'getBusinessAccountStarBalance'
  | 'transferBusinessAccountStars'
  | 'getBusinessAccountGifts'
  | 'convertGiftToStars'
  | 'upgradeGift'
  | 'transferGift'
  | 'postStory'
  | 'repostStory'
  | 'editStory'
  | 'deleteStory'
  | 'getAvailableGifts'
  | 'getChatGifts'
  | 'sendGift'
  | 'giftPremiumSubscription'
  | 'verifyUser'
  | 'verifyChat'
  | 'removeUserVerification'
  | 'removeChatVerification'
  | 'setPassportDataErrors'
  | 'getManagedBotToken'
  | 'replaceManagedBotToken'
  | 'getManagedBotAccessSettings'
  | 'setManagedBotAccessSettings'
  | 'approveSuggestedPost'
  | 'declineSuggestedPost'
  | 'setGameScore'
  | 'getGameHighScores'
> = {
  getBusinessConnection(call) {
    business(call);
    const { args, world } = call;
    const [user = call.bot.user] = world.users;
    const id = args.text('business_connection_id');
    return { id, user, user_chat_id: user.id, date: world.now, is_enabled: true };
  },
  readBusinessMessage: business,
  deleteBusinessMessages: business,
  setBusinessAccountName: business,
  setBusinessAccountUsername: business,
  setBusinessAccountBio: business,
  setBusinessAccountProfilePhoto: business,
  removeBusinessAccountProfilePhoto: business,
  setBusinessAccountGiftSettings: business,
  getBusinessAccountStarBalance: (call) => ({ amount: Number(business(call)) - 1 }),
  transferBusinessAccountStars: business,
  getBusinessAccountGifts: () => ({ total_count: 0, gifts: [] }),
  convertGiftToStars: business,
  upgradeGift: business,
  transferGift: business,
  postStory: story,
  repostStory: story,
  editStory: story,
  deleteStory: business,

  getAvailableGifts: () => ({ gifts: [] }),
  getChatGifts: () => ({ total_count: 0, gifts: [] }),
  sendGift: done,
  giftPremiumSubscription: forUser,
  verifyUser: forUser,
  verifyChat: inChat,
  removeUserVerification: forUser,
  removeChatVerification: inChat,
  setPassportDataErrors: forUser,

  getManagedBotToken: managedToken,
  replaceManagedBotToken: managedToken,
  getManagedBotAccessSettings: () => ({ is_access_restricted: false, added_users: [] }),
  setManagedBotAccessSettings: done,
  approveSuggestedPost: inChat,
  declineSuggestedPost: inChat,

  setGameScore(call) {
    forUser(call);
    if (call.args.has('inline_message_id')) return true;
    const chat = chatOfCall(call);
    const message = chat.message(call.args.integer('message_id') ?? 0);
    if (!message?.game) throw badRequest('message to set game score not found');
    return message as Message.GameMessage & { edit_date: number };
  },

  getGameHighScores: (call) => [{ position: 1, user: userOfCall(call), score: 0 }],
};
