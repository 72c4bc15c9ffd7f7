import { hash } from 'node:crypto';
import { botScope } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { mapCall, mapUpdate, telegramCall } from '../src/index.js';

const BOT = botScope('test', 'telegram', 'telegram:7');
const said = (type: string, payload: object) => mapUpdate({ update_id: 1, [type]: payload }, 'a_bot').content?.();
const sent = (method: string, args: object) => mapCall(method, args, BOT)?.content?.();
const COMMAND = { type: 'bot_command', offset: 0, length: 10 };

test.each([
  ['message', { text: 'Hello' }, { text: 'Hello' }],
  ['edited_message', { caption: 'Changed' }, { text: 'Changed' }],
  ['message', { text: '/ban@a_bot 42  spam\nspam', entities: [COMMAND] }, { arguments: '42  spam\nspam' }],
  ['message', { text: '/ban@a_bot', entities: [COMMAND] }, {}],
  ['message', { poll: { question: 'Tea?', options: [{ text: 'Yes' }, { text: 'No' }] } }, { text: 'Tea?\nYes\nNo' }],
  ['callback_query', { data: 'tea:yes', message: { text: 'Tea?' } }, { chosen: ['tea:yes'] }],
  ['poll_answer', { option_ids: [0, 2] }, { chosen: ['0', '2'] }],
  ['message_reaction', { new_reaction: [{ type: 'emoji', emoji: '👍' }] }, { chosen: ['👍'] }],
  ['inline_query', { query: 'cats' }, { text: 'cats' }],
  ['pre_checkout_query', { invoice_payload: 'order:7' }, { chosen: ['order:7'] }],
  ['chat_member', { new_chat_member: {} }, {}],
])('%s %j says %j', (type, payload, content) => {
  expect(said(type, payload)).toEqual(content);
});

test('files that come with a message are told of by what Telegram knows of them', () => {
  const photo = [
    { file_unique_id: 'small', file_size: 1 },
    { file_unique_id: 'large', file_size: 9 },
  ];
  const document = {
    file_unique_id: 'doc',
    file_id: 'long',
    file_name: 'a.pdf',
    mime_type: 'application/pdf',
    file_size: 7,
  };
  expect(said('message', { photo, document })).toEqual({
    files: [
      { id: 'large', name: undefined, type: 'photo', size: 9 },
      { id: 'doc', name: 'a.pdf', type: 'application/pdf', size: 7 },
    ],
  });
});

test('what a bot sends is told of by its texts and files, never by what files hold', () => {
  const bytes = Buffer.from('the content of a file');
  const described = { size: bytes.length, sha256: hash('sha256', bytes) };
  const content = sent('sendMediaGroup', {
    chat_id: 42,
    media: [
      { type: 'photo', media: 'AgACAgQ', caption: 'A cat' },
      { type: 'document', media: { source: bytes, filename: 'a.txt' }, caption: 'A text' },
      { type: 'video', media: { fileData: '/srv/films/b.mp4' } },
      { type: 'audio', media: 'https://example.org/c.mp3' },
    ],
  });
  expect(content).toEqual({
    text: 'A cat\nA text',
    files: [
      { type: 'photo', id: 'AgACAgQ' },
      { ...described, name: 'a.txt', type: 'document' },
      { name: 'b.mp4', type: 'video' },
      { type: 'audio', url: 'https://example.org/c.mp3' },
    ],
  });
  expect(sent('banChatMember', { chat_id: -1, user_id: 42 })).toEqual({});
});

test('a file of a library stands for itself in the whole of a call', () => {
  const file = {
    fileData: Buffer.from('x'),
    filename: 'x.txt',
    toJSON: () => {
      throw new Error('must be sent');
    },
  };
  const call = telegramCall(BOT, 'sendDocument', { document: file });
  expect(call?.describe?.(file)).toEqual({ name: 'x.txt', size: 1, sha256: hash('sha256', 'x') });
  expect(call?.describe?.({ text: 'no file' })).toBeUndefined();
});

test('nothing in the place of what is said throws, or leads on for ever', () => {
  const cyclic: Record<string, unknown> = { text: { deep: 1 } };
  Object.assign(cyclic, { a: cyclic, b: cyclic, c: cyclic, d: cyclic, media: [cyclic, null, 7], photo: [] });
  const trapped = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('looked at');
      },
    },
  );
  for (const hostile of [cyclic, trapped, { text: trapped, media: trapped }, null, 'text', [[]], Buffer.alloc(1_000)]) {
    expect(() => sent('sendMessage', hostile as object)).not.toThrow();
    expect(() => said('message', hostile as object)).not.toThrow();
    expect(() => said('callback_query', hostile as object)).not.toThrow();
  }
});

test('a chat with a person is private; of other chats a call does not tell', () => {
  const type = (chat_id: unknown) => mapCall('sendMessage', { chat_id }, BOT)?.attributes['bot.chat.type'];
  expect([42, '42', -100, '@channel', undefined].map(type)).toEqual([
    'private',
    'private',
    undefined,
    undefined,
    undefined,
  ]);
});
