import type { Message } from '@grammyjs/types';
import { expect, test } from 'vitest';
import { ada, bob, bot, channel, DATE, group, map, text } from './scene.js';

const commanded = (written: string, length: number, more: object = {}): object => ({
  message: { ...text, text: written, entities: [{ type: 'bot_command', offset: 0, length }], ...more },
});

test('a command is known by its entity, and named without arguments and addressee', () => {
  for (const [update, name] of [
    [commanded('/ban Bob a secret', 4), '/ban'],
    [commanded('/ban@the_bot Bob', 12), '/ban'],
    [commanded('/ban@The_Bot', 12), '/ban'],
  ] as const) {
    const event = map(update, 'the_bot');
    expect(event).toMatchObject({ name: 'bot.command', target: { id: 'telegram:-100/5', type: 'message' } });
    expect(event.attributes['bot.command.name']).toBe(name);
    expect(JSON.stringify(event)).not.toContain('Bob');
  }
});

test.each(['channel_post', 'business_message', 'guest_message'])('a %s may hold a command too', (type) => {
  const { message } = commanded('/start', 6) as { message: Message };
  expect(map({ [type]: message }).name).toBe('bot.command');
});

test('what only looks like a command, or is one to another bot, is a message', () => {
  for (const update of [
    commanded('/ban@other_bot', 14),
    commanded('ban /ban', 4, { entities: [{ type: 'bot_command', offset: 4, length: 4 }] }),
    { message: { ...text, text: '/ban' } },
    commanded('/', 1),
    commanded('/ban', 0),
    { edited_message: (commanded('/ban', 4) as { message: Message }).message },
  ]) {
    expect(map(update, 'the_bot').name).toBe('bot.message');
  }
  // Until the bot knows its own name, a command might be to it.
  expect(map(commanded('/ban@other_bot', 14)).name).toBe('bot.command');
});

test('who acts when it is not simply a user', () => {
  const anonymousAdmin = { id: 1087968824, is_bot: true, first_name: 'Group' };
  const actor = (message: object) => map({ message: { ...text, ...message } }).actor;
  expect(actor({ from: anonymousAdmin, sender_chat: group })).toEqual({ id: 'telegram:-100', type: 'user' });
  expect(actor({ from: anonymousAdmin })).toEqual({ id: 'telegram:-100', type: 'user' });
  expect(actor({ from: { id: 136817688, is_bot: true }, sender_chat: channel }).id).toBe('telegram:-200');
  expect(actor({ from: { id: 777000, is_bot: false } })).toEqual({ id: 'telegram:777000', type: 'system' });
  expect(actor({ from: { ...ada, is_bot: true } })).toEqual({ id: 'telegram:42', type: 'service' });
  expect(actor({ sender_business_bot: bot })).toEqual({ id: 'telegram:7', type: 'service' });
  expect(actor({ from: undefined })).toEqual({ id: 'unknown', type: 'user' });
  const change = { chat: group, from: anonymousAdmin, date: DATE };
  expect(map({ chat_member: change }).actor.id).toBe('telegram:-100');
});

test('what a change of a member amounts to', () => {
  const verb = (from: object, to: object, by = ada) =>
    map({
      chat_member: {
        chat: group,
        from: by,
        date: DATE,
        old_chat_member: { user: bob, ...from },
        new_chat_member: { user: bob, ...to },
      },
    }).action;
  const [left, member, kicked, admin, owner] = ['left', 'member', 'kicked', 'administrator', 'creator'].map(
    (status) => ({ status }),
  ) as [object, object, object, object, object];
  const muted = { status: 'restricted', is_member: true };
  const mutedAndGone = { status: 'restricted', is_member: false };
  expect(verb(left, member)).toBe('JOIN');
  expect(verb(kicked, member)).toBe('JOIN');
  expect(verb(mutedAndGone, muted)).toBe('JOIN');
  expect(verb(member, left, bob)).toBe('LEAVE');
  expect(verb(muted, mutedAndGone, bob)).toBe('LEAVE');
  expect(verb(member, left)).toBe('KICK');
  expect(verb(member, kicked)).toBe('BAN');
  expect(verb(left, kicked)).toBe('BAN');
  expect(verb(kicked, left)).toBe('UNBAN');
  expect(verb(member, admin)).toBe('GRANT');
  expect(verb(admin, owner)).toBe('GRANT');
  expect(verb(admin, member)).toBe('REVOKE');
  expect(verb(owner, admin)).toBe('REVOKE');
  expect(verb(admin, admin)).toBe('UPDATE');
  expect(verb(member, muted)).toBe('MUTE');
  expect(verb(muted, member)).toBe('UNMUTE');
  expect(verb(muted, muted)).toBe('UPDATE');
});

test('service messages: joins, roles and payments at once, the rest when it causes something', () => {
  const map1 = (more: object) => map({ message: { ...text, text: undefined, ...more } });
  expect(map1({ new_chat_members: [bob, { ...bob, id: 44 }] })).toMatchObject({
    name: 'bot.event',
    action: 'JOIN',
    target: { id: 'telegram:43', type: 'user' },
    body: { members: ['telegram:43', 'telegram:44'] },
  });
  expect(map1({ new_chat_members: [bob] }).body).toBeUndefined();
  expect(map1({ left_chat_member: ada })).toMatchObject({ action: 'LEAVE', target: { id: 'telegram:42' } });
  expect(map1({ left_chat_member: bob })).toMatchObject({ action: 'KICK', target: { id: 'telegram:43' } });
  expect(map1({ successful_payment: { telegram_payment_charge_id: 'x1', invoice_payload: 'a secret' } })).toMatchObject(
    {
      name: 'bot.event',
      action: 'PAY',
      target: { id: 'telegram:x1', type: 'payment' },
    },
  );
  expect(map1({ refunded_payment: { telegram_payment_charge_id: 'x1' } })).toMatchObject({ action: 'REFUND' });
  expect(map1({ web_app_data: { data: 'a secret', button_text: 'x' } })).toMatchObject({ name: 'bot.callback' });
  expect(map1({ pinned_message: { ...text, message_id: 3 } })).toMatchObject({
    name: 'bot.activity',
    target: { id: 'telegram:-100/3' },
  });
  expect(
    map1({ forum_topic_created: { name: 'a secret' }, message_thread_id: 9, is_topic_message: true }),
  ).toMatchObject({
    name: 'bot.activity',
    action: 'CREATE',
    attributes: { 'bot.thread.id': '9' },
  });
});
