import { read } from '@botaudit/instrumentation';
import type { Update } from '@grammyjs/types';
import { expect, test } from 'vitest';
import { mapUpdate, UPDATES } from '../src/index.js';
import { ada, bob, bot, channel, DATE, dialogue, group, map, text } from './scene.js';

const poll = { id: 'p1', question: 'a secret', options: [] };
const connection = { id: 'b1', user: ada, user_chat_id: 42, date: DATE };

interface Expected {
  readonly name: string;
  readonly action?: string;
  readonly actor?: string;
  readonly actorType?: string;
  readonly target?: string | undefined;
  readonly targetType?: string;
  readonly chat?: string | undefined;
  readonly at?: number | undefined;
}

type Kind = Exclude<keyof Update, 'update_id'>;

/** What each kind of update is to an auditor. */
const EXPECTED: { readonly [Type in Kind]: readonly [payload: unknown, Expected] } = {
  message: [text, { name: 'bot.message', target: 'telegram:-100/5', targetType: 'message' }],
  edited_message: [
    { ...text, edit_date: DATE + 9 },
    { name: 'bot.message', action: 'UPDATE', target: 'telegram:-100/5', at: DATE + 9 },
  ],
  channel_post: [
    { ...text, chat: channel, from: undefined, sender_chat: channel },
    { name: 'bot.message', actor: 'telegram:-200', target: 'telegram:-200/5', chat: '-200' },
  ],
  edited_channel_post: [
    { message_id: 5, date: DATE, edit_date: DATE, chat: channel, text: 'a secret' },
    { name: 'bot.message', action: 'UPDATE', actor: 'telegram:-200', target: 'telegram:-200/5', chat: '-200' },
  ],
  business_connection: [
    { ...connection, is_enabled: true },
    { name: 'bot.event', action: 'GRANT', target: 'telegram:b1', targetType: 'account', chat: undefined },
  ],
  business_message: [
    { ...text, chat: dialogue, business_connection_id: 'b1' },
    { name: 'bot.message', target: 'telegram:42/5', chat: '42' },
  ],
  edited_business_message: [
    { ...text, chat: dialogue, edit_date: DATE },
    { name: 'bot.message', action: 'UPDATE', target: 'telegram:42/5', chat: '42' },
  ],
  deleted_business_messages: [
    { business_connection_id: 'b1', chat: dialogue, message_ids: [1] },
    { name: 'bot.activity', action: 'DELETE', actor: 'anonymous', target: 'telegram:42/1', chat: '42', at: undefined },
  ],
  guest_message: [
    { ...text, guest_query_id: 'g1' },
    { name: 'bot.message', target: 'telegram:-100/5' },
  ],
  stopped_message_generation: [
    { chat: dialogue, draft_id: 1 },
    { name: 'bot.callback', action: 'STOP', target: 'telegram:42', chat: '42', at: undefined },
  ],
  message_reaction: [
    { chat: group, message_id: 5, user: ada, date: DATE, old_reaction: [], new_reaction: [] },
    { name: 'bot.activity', target: 'telegram:-100/5', targetType: 'message' },
  ],
  message_reaction_count: [
    { chat: group, message_id: 5, date: DATE, reactions: [] },
    { name: 'bot.activity', actor: 'anonymous', target: 'telegram:-100/5' },
  ],
  inline_query: [
    { id: 'q1', from: ada, query: 'a secret', offset: '' },
    {
      name: 'bot.activity',
      action: 'READ',
      target: 'telegram:q1',
      targetType: 'query',
      chat: undefined,
      at: undefined,
    },
  ],
  chosen_inline_result: [
    { result_id: '1', from: ada, query: 'a secret', inline_message_id: 'i1' },
    { name: 'bot.activity', action: 'SEND', target: 'telegram:i1', chat: undefined, at: undefined },
  ],
  callback_query: [
    { id: 'c1', from: ada, message: text, chat_instance: '1', data: 'a secret' },
    { name: 'bot.callback', target: 'telegram:-100/5', targetType: 'message', at: undefined },
  ],
  shipping_query: [
    { id: 's1', from: ada, invoice_payload: 'a secret', shipping_address: {} },
    {
      name: 'bot.event',
      action: 'REQUEST',
      target: 'telegram:s1',
      targetType: 'payment',
      chat: undefined,
      at: undefined,
    },
  ],
  pre_checkout_query: [
    { id: 's2', from: ada, currency: 'XTR', total_amount: 5, invoice_payload: 'a secret' },
    {
      name: 'bot.event',
      action: 'REQUEST',
      target: 'telegram:s2',
      targetType: 'payment',
      chat: undefined,
      at: undefined,
    },
  ],
  purchased_paid_media: [
    { from: ada, paid_media_payload: 'a secret' },
    { name: 'bot.event', action: 'PAY', target: undefined, targetType: 'media', chat: undefined, at: undefined },
  ],
  poll: [
    poll,
    {
      name: 'bot.activity',
      actor: 'telegram:777000',
      actorType: 'system',
      target: 'telegram:p1',
      chat: undefined,
      at: undefined,
    },
  ],
  poll_answer: [
    { poll_id: 'p1', user: ada, option_ids: [0] },
    { name: 'bot.activity', target: 'telegram:p1', targetType: 'poll', chat: undefined, at: undefined },
  ],
  my_chat_member: [
    {
      chat: dialogue,
      from: ada,
      date: DATE,
      old_chat_member: { status: 'member', user: bot },
      new_chat_member: { status: 'kicked', user: bot },
    },
    { name: 'bot.event', action: 'BLOCK', target: 'telegram:7', targetType: 'user', chat: '42' },
  ],
  chat_member: [
    {
      chat: group,
      from: ada,
      date: DATE,
      old_chat_member: { status: 'left', user: bob },
      new_chat_member: { status: 'member', user: bob },
    },
    { name: 'bot.event', action: 'JOIN', target: 'telegram:43', targetType: 'user' },
  ],
  chat_join_request: [
    { chat: group, from: ada, user_chat_id: 42, date: DATE, bio: 'a secret' },
    { name: 'bot.event', action: 'REQUEST', target: 'telegram:-100', targetType: 'chat' },
  ],
  chat_boost: [
    { chat: group, boost: { boost_id: '1', add_date: DATE, source: { source: 'premium', user: ada } } },
    { name: 'bot.activity', target: 'telegram:-100', targetType: 'chat' },
  ],
  removed_chat_boost: [
    { chat: group, boost_id: '1', remove_date: DATE, source: { source: 'giveaway', giveaway_message_id: 1 } },
    { name: 'bot.activity', actor: 'anonymous', target: 'telegram:-100' },
  ],
  managed_bot: [
    { user: ada, bot: { id: 8, is_bot: true, first_name: 'Child' } },
    { name: 'bot.event', target: 'telegram:8', targetType: 'bot', chat: undefined, at: undefined },
  ],
  subscription: [
    { user: ada, invoice_payload: 'a secret', state: 'canceled' },
    { name: 'bot.event', target: undefined, targetType: 'subscription', chat: undefined, at: undefined },
  ],
};

test.each(Object.entries(EXPECTED))('%s', (type, [payload, given]) => {
  const event = map({ [type]: payload });
  const expected = { actor: 'telegram:42', chat: '-100', at: DATE, ...given };
  expect(event.name).toBe(expected.name);
  if (expected.action) expect(event.action).toBe(expected.action);
  expect(event.actor).toEqual({ id: expected.actor, type: expected.actorType ?? 'user' });
  expect(event.target?.id).toBe(expected.target);
  if (expected.targetType) expect(event.target?.type).toBe(expected.targetType);
  expect(event.timestamp).toEqual(expected.at === undefined ? undefined : new Date(expected.at * 1000));
  expect(event.attributes).toMatchObject({ 'bot.update.id': '1', 'bot.update.type': type });
  expect(event.attributes['bot.chat.id']).toBe(expected.chat);
  expect(JSON.stringify(event)).not.toContain('a secret');
});

test('the table knows nothing that the Bot API does not', () => {
  expect(Object.keys(UPDATES).sort()).toEqual(Object.keys(EXPECTED).sort());
});

test('a kind of update that is newer than the table is an activity of whoever it names', () => {
  const event = map({ brand_new: { from: ada, chat: group, date: DATE, text: 'a secret' } });
  expect(event).toMatchObject({
    name: 'bot.activity',
    actor: { id: 'telegram:42' },
    attributes: { 'bot.update.type': 'brand_new', 'bot.chat.id': '-100', 'bot.chat.type': 'supergroup' },
  });
});

test('several messages that were deleted are named in the body', () => {
  const event = map({ deleted_business_messages: { chat: dialogue, message_ids: [1, 2] } });
  expect(event).toMatchObject({ target: { id: 'telegram:42', type: 'chat' }, body: { message_ids: ['1', '2'] } });
});

test('a hostile update is mapped without a word', () => {
  const cyclic: Record<string, unknown> = { update_id: 1 };
  cyclic.message = cyclic;
  cyclic.chat = cyclic;
  const throwing = {
    update_id: 1,
    get message(): never {
      throw new Error('hands off');
    },
  };
  const trap = (): never => {
    throw new Error('hands off');
  };
  const proxy = new Proxy({}, { ownKeys: trap, get: trap, getOwnPropertyDescriptor: trap, has: trap });
  const polluted = JSON.parse(
    '{"update_id":1,"__proto__":{"message":{}},"constructor":{"prototype":{}},"message":{"__proto__":{"from":{"id":1}}}}',
  );
  const hugeText = {
    update_id: 1,
    message: {
      ...text,
      text: '/'.padEnd(2 ** 20, 'x'),
      entities: [{ type: 'bot_command', offset: 0, length: 2 ** 20 }],
    },
  };
  const wrong = {
    update_id: {},
    message: { from: 'x', chat: 3, date: 'soon', entities: 'no', new_chat_members: 7, message_id: [] },
  };
  for (const update of [cyclic, throwing, proxy, polluted, hugeText, wrong, null, undefined, 5, 'text', [], {}]) {
    const event = mapUpdate(update, 'the_bot');
    expect(event.name).toMatch(/^bot\./);
    expect(event.actor.id).toBeTypeOf('string');
    expect(JSON.stringify(event).length).toBeLessThan(1000);
  }
  expect(mapUpdate(polluted, undefined).actor.id).toBe('unknown');
  expect(read({}, 'message')).toBeUndefined();
});
