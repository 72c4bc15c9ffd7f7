import { botScope, type Settlement } from '@botaudit/instrumentation';
import { CATALOGUE, type EventName } from '@botaudit/record';
import type { ApiMethods } from '@grammyjs/types';
import { expect, test } from 'vitest';
import { METHODS, mapCall, readAnswer, type TelegramAction } from '../src/index.js';

const bot = botScope('grammy', 'telegram', 'telegram:7');
const SECRET = 'a secret';

/** Arguments that hold everything which any method takes, ids and what is no id. */
const EVERYTHING = {
  chat_id: -100,
  user_id: 42,
  message_id: 5,
  message_thread_id: 9,
  sender_chat_id: -200,
  business_connection_id: 'b1',
  story_id: 3,
  name: 'stickers_by_bot',
  owned_gift_id: 'g1',
  file_id: 'f1',
  telegram_payment_charge_id: 'x1',
  ephemeral_message_id: 6,
  receiver_user_id: 43,
  draft_id: 8,
  callback_query_id: 'q1',
  inline_query_id: 'q2',
  web_app_query_id: 'q3',
  guest_query_id: 'q4',
  chat_join_request_query_id: 'q5',
  shipping_query_id: 'q6',
  pre_checkout_query_id: 'q7',
  text: SECRET,
  caption: SECRET,
  title: SECRET,
  url: SECRET,
  secret_token: SECRET,
  invite_link: SECRET,
  web_app_url: SECRET,
  description: SECRET,
  custom_title: SECRET,
  provider_token: SECRET,
  result: SECRET,
  permissions: { can_send_messages: false },
  commands: [{ command: SECRET, description: SECRET }],
};

const call = (method: string, args: unknown): TelegramAction => {
  const action = mapCall(method, args, bot);
  if (!action) throw new Error(`${method} is no action`);
  return action;
};

/** Methods that no event of the catalogue says more of than that they were called. */
const PLAIN_CALLS =
  /^(get[A-Z]\w+|savePrepared(InlineMessage|KeyboardButton)|readBusinessMessage|setPassportDataErrors|set(Sticker(PositionInSet|EmojiList|Keywords|MaskPosition|SetTitle)|CustomEmojiStickerSetThumbnail)|deleteSticker(FromSet|Set))$/;

test.each(Object.keys(METHODS))('%s', (method) => {
  const action = mapCall(method, EVERYTHING, bot);
  if (method === 'getUpdates' || method === 'sendChatAction') {
    expect(action).toBeUndefined();
    return;
  }
  expect(Object.keys(CATALOGUE)).toContain(action?.name);
  expect(action?.method).toBe(method);
  expect(action?.name === 'bot.api.call').toBe(PLAIN_CALLS.test(method));
  if (method.startsWith('get')) expect(action?.action).toBe('READ');
  expect(action?.target?.id).toMatch(/^telegram:[\w@/-]+$/);
  expect(action?.attributes).toEqual({ 'bot.chat.id': '-100', 'bot.thread.id': '9' });
  expect(JSON.stringify(action)).not.toContain(SECRET);
});

test('the target is what is acted upon', () => {
  const expected: { readonly [Method in keyof ApiMethods<unknown>]?: readonly [id: string, type: string | undefined] } =
    {
      banChatMember: ['telegram:42', 'user'],
      banChatSenderChat: ['telegram:-200', 'chat'],
      deleteMessage: ['telegram:-100/5', 'message'],
      pinChatMessage: ['telegram:-100/5', 'message'],
      sendMessage: ['telegram:-100', 'chat'],
      closeForumTopic: ['telegram:-100/9', 'thread'],
      createForumTopic: ['telegram:-100', 'chat'],
      refundStarPayment: ['telegram:x1', 'payment'],
      answerCallbackQuery: ['telegram:q1', 'callback'],
      answerPreCheckoutQuery: ['telegram:q7', 'payment'],
      setWebhook: ['telegram:7', undefined],
      setMyCommands: ['telegram:7', undefined],
      deleteStory: ['telegram:b1/3', 'story'],
      setBusinessAccountName: ['telegram:b1', 'account'],
      replaceManagedBotToken: ['telegram:42', 'bot'],
      convertGiftToStars: ['telegram:g1', 'gift'],
      getFile: ['telegram:f1', 'file'],
    };
  for (const [method, [id, type]] of Object.entries(expected)) {
    expect([method, call(method, EVERYTHING).target]).toEqual([method, { id, type }]);
  }
});

test('what a call means can depend on its arguments', () => {
  const cases: readonly (readonly [method: string, args: object, name: EventName])[] = [
    ['restrictChatMember', { permissions: {} }, 'bot.member.mute'],
    ['restrictChatMember', { permissions: { can_send_messages: false } }, 'bot.member.mute'],
    ['restrictChatMember', { permissions: { can_invite_users: true } }, 'bot.member.mute'],
    ['restrictChatMember', { permissions: { can_send_messages: true, can_send_polls: false } }, 'bot.member.mute'],
    ['restrictChatMember', { permissions: { can_send_messages: true } }, 'bot.member.unmute'],
    ['restrictChatMember', {}, 'bot.member.mute'],
    ['promoteChatMember', { can_pin_messages: true, can_manage_chat: false }, 'bot.role.grant'],
    ['promoteChatMember', { is_anonymous: true }, 'bot.role.grant'],
    ['promoteChatMember', { can_pin_messages: false }, 'bot.role.revoke'],
    ['promoteChatMember', {}, 'bot.role.revoke'],
    ['answerPreCheckoutQuery', { ok: true }, 'bot.payment.approve'],
    ['answerPreCheckoutQuery', { ok: false, error_message: SECRET }, 'bot.payment.reject'],
    ['answerShippingQuery', { ok: true }, 'bot.payment.shipping'],
    ['answerShippingQuery', { ok: false }, 'bot.payment.reject'],
    ['answerChatJoinRequestQuery', { result: 'approve' }, 'bot.member.approve'],
    ['answerChatJoinRequestQuery', { result: 'decline' }, 'bot.member.reject'],
    ['answerChatJoinRequestQuery', { result: 'queue' }, 'bot.query.answer'],
    ['answerChatJoinRequestQuery', { result: '__proto__' }, 'bot.query.answer'],
  ];
  for (const [method, args, name] of cases)
    expect([method, args, call(method, args).name]).toEqual([method, args, name]);
});

test('an inline message, a username and several messages are targets too', () => {
  expect(call('editMessageText', { inline_message_id: 'i1', text: SECRET }).target?.id).toBe('telegram:i1');
  expect(call('sendMessage', { chat_id: '@channel' }).target?.id).toBe('telegram:@channel');
  expect(call('deleteMessages', { chat_id: 1, message_ids: [5] })).toMatchObject({ target: { id: 'telegram:1/5' } });
  expect(call('deleteMessages', { chat_id: 1, message_ids: [5, 6] })).toMatchObject({
    target: { id: 'telegram:1' },
    body: { message_ids: ['5', '6'] },
  });
  expect(call('unpinChatMessage', { chat_id: 1 }).target).toEqual({ id: 'telegram:1', type: 'chat' });
  expect(call('sendGift', { chat_id: 1, gift_id: 'g' }).target).toEqual({ id: 'telegram:1', type: 'chat' });
});

test('what is forwarded or copied says where it was from', () => {
  expect(call('forwardMessage', { chat_id: 1, from_chat_id: 2, message_id: 3 }).body).toEqual({
    source: ['telegram:2/3'],
  });
  expect(call('copyMessages', { chat_id: 1, from_chat_id: 2, message_ids: [3, 4] }).body).toEqual({
    source: ['telegram:2/3', 'telegram:2/4'],
  });
  expect(call('repostStory', { business_connection_id: 'b', from_chat_id: 2, from_story_id: 9 }).body).toEqual({
    source: ['telegram:2/9'],
  });
});

test('names of methods are not told apart by case, as with the Bot API', () => {
  expect(call('BANCHATMEMBER', EVERYTHING)).toMatchObject({ name: 'bot.member.ban', method: 'banChatMember' });
  expect(mapCall('getupdates', {}, bot)).toBeUndefined();
});

test('a method that is newer than the table is a call of its kind', () => {
  const verbs = ['getNews', 'setNews', 'editNews', 'deleteNews', 'sendNews', 'frobnicate'].map((method) => {
    const { name, action } = call(method, { chat_id: 1 });
    return [name, action];
  });
  expect(verbs).toEqual(
    ['READ', 'UPDATE', 'UPDATE', 'DELETE', 'SEND', undefined].map((verb) => ['bot.api.call', verb]),
  );
  expect(call('x'.repeat(1000), {}).method).toHaveLength(64);
  for (const name of ['__proto__', 'constructor', 'toString']) expect(call(name, {}).name).toBe('bot.api.call');
});

test('hostile arguments are mapped without a word', () => {
  const trap = (): never => {
    throw new Error('hands off');
  };
  const proxy = new Proxy({}, { ownKeys: trap, get: trap, getOwnPropertyDescriptor: trap });
  for (const args of [
    proxy,
    null,
    undefined,
    'text',
    7,
    [],
    { permissions: proxy, chat_id: proxy, message_ids: proxy },
  ]) {
    for (const method of Object.keys(METHODS)) mapCall(method, args, bot);
  }
});

const send = call('sendMessage', { chat_id: -100 });
const answered = (value: unknown): Settlement => ({ status: 'fulfilled', value });
const failed = (reason: unknown): Settlement => ({ status: 'rejected', reason });

test('a message that was sent is the target', () => {
  const message = { message_id: 5, chat: { id: -100 }, text: SECRET };
  const expected = { outcome: 'success', target: { id: 'telegram:-100/5', type: 'message' } };
  expect(readAnswer(answered({ ok: true, result: message }), send)).toEqual(expected);
  expect(readAnswer(answered({ ok: true, result: [message, message] }), send)).toEqual(expected);
  expect(readAnswer(answered({ ok: true, result: { message_id: 5 } }), send)).toEqual(expected);
  expect(readAnswer(answered({ ok: true, result: true }), send)).toEqual({ outcome: 'success', target: undefined });
});

test("the Bot API's errors are recorded by code and description", () => {
  const error = { ok: false, error_code: 429, description: 'Too Many Requests: retry after 5', parameters: {} };
  expect(readAnswer(answered(error), send)).toEqual({
    outcome: 'failure',
    errorType: '429',
    errorMessage: 'Too Many Requests: retry after 5',
  });
  expect(readAnswer(answered('<html>'), send)).toEqual({ outcome: 'failure', errorType: 'unknown' });
});

test('an error of the server leaves the outcome open', () => {
  expect(readAnswer(answered({ ok: false, error_code: 502, description: 'Bad Gateway' }), send)).toEqual({
    outcome: 'unknown',
    errorType: '502',
    errorMessage: 'Bad Gateway',
  });
});

test('an error on the way is known by its code or class, and may have come too late', () => {
  const network = (code: string) => {
    const error = Object.assign(new Error(`request to https://host/bot7:${SECRET}/x failed`), { code });
    return readAnswer(failed(Object.assign(new Error('Network request failed!'), { error })), send);
  };
  expect(network('ECONNREFUSED')).toEqual({ outcome: 'failure', errorType: 'ECONNREFUSED' });
  expect(network('ECONNRESET')).toEqual({ outcome: 'unknown', errorType: 'ECONNRESET' });
  class AbortError extends Error {}
  class HttpError extends Error {
    readonly error: Error;
    constructor(error: Error) {
      super('');
      this.error = error;
    }
  }
  expect(readAnswer(failed(new HttpError(new AbortError())), send).errorType).toBe('AbortError');
  expect(readAnswer(failed(new HttpError(new Error())), send).errorType).toBe('HttpError');
});
