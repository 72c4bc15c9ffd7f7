import { eventDefinition } from '@botaudit/record';
import { GatewayDispatchEvents } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { mapDispatch } from '../src/dispatches.js';
import { EVENTS } from '../src/events.js';

const map = (t: string, d: object, self?: string) => mapDispatch({ op: 0, t, s: 1, d }, self);
const ALICE = { id: '11', username: 'alice' };
const IN_GUILD = { guild_id: '1', channel_id: '2', member: { user: ALICE } };

test('every event of the gateway is known', () => {
  expect(Object.keys(EVENTS).toSorted()).toEqual(Object.values(GatewayDispatchEvents).toSorted());
});

test.for(Object.keys(EVENTS))('%s is an inbound event, or none', (type) => {
  const event = map(type, { id: '5', user: ALICE, guild_id: '1' });
  if (!event) return;
  expect(eventDefinition(event.name)?.direction).toBe('inbound');
  expect(event.actor.id).toMatch(/^(discord:\d+|anonymous|unknown)$/);
  expect(event.attributes['bot.update.type']).toBe(type);
});

test.for(['READY', 'RESUMED', 'PRESENCE_UPDATE', 'TYPING_START', 'GUILD_MEMBERS_CHUNK', 'VOICE_SERVER_UPDATE'])(
  '%s leaves no record',
  (type) => {
    expect(map(type, { ...IN_GUILD, token: 'hush' })).toBeUndefined();
  },
);

const command = (data: object) => map('INTERACTION_CREATE', { ...IN_GUILD, id: '5', token: 'hush', type: 2, data });

test('a slash command is told with its subcommands and the names of its options, and ids, but no values', () => {
  const ban = {
    name: 'user',
    type: 1,
    options: [
      { name: 'target', type: 6, value: '12' },
      { name: 'reason', type: 3, value: 'hush' },
      { name: 'days', type: 4, value: 7 },
      { name: 'spoilt', type: 6, value: 'hush' },
    ],
  };
  const event = command({ id: '9', name: 'mod', type: 1, options: [{ name: 'ban', type: 2, options: [ban] }] });
  expect(event).toMatchObject({
    name: 'bot.command',
    actor: { id: 'discord:11', type: 'user' },
    target: { id: 'discord:9', type: 'command' },
    attributes: { 'bot.command.name': '/mod ban user', 'bot.update.id': '5', 'bot.chat.id': '2' },
    body: {
      guild: 'discord:1',
      options: [{ name: 'target', id: 'discord:12' }, { name: 'reason' }, { name: 'days' }, { name: 'spoilt' }],
    },
  });
  expect(JSON.stringify(event)).not.toContain('hush');
});

test('a command of a context menu is about what it was picked from', () => {
  expect(command({ id: '9', name: 'Report', type: 2, target_id: '12' })).toMatchObject({
    target: { id: 'discord:12', type: 'user' },
    attributes: { 'bot.command.name': 'Report' },
  });
  const resolved = { messages: { 13: { id: '13' } } };
  expect(command({ id: '9', name: 'Report', type: 3, target_id: '13', resolved })).toMatchObject({
    target: { id: 'discord:2/13', type: 'message' },
  });
});

test('buttons, menus, forms and completions are told without what was written', () => {
  const used = (type: number, data: object) =>
    map('INTERACTION_CREATE', { ...IN_GUILD, id: '5', type, data, message: { id: '6', channel_id: '2' } });
  expect(used(3, { custom_id: 'hush', component_type: 2 })).toMatchObject({
    name: 'bot.callback',
    target: { id: 'discord:2/6', type: 'message' },
  });
  expect(used(3, { custom_id: 'x', component_type: 5, values: ['12', 'hush'] })?.body).toEqual({
    guild: 'discord:1',
    chosen: ['discord:12'],
  });
  expect(used(3, { custom_id: 'x', component_type: 3, values: ['12'] })?.body).toEqual({ guild: 'discord:1' });
  expect(used(5, { custom_id: 'x', components: [] })).toMatchObject({ name: 'bot.callback', action: 'SEND' });
  expect(used(4, { id: '9', name: 'ban' })).toMatchObject({ name: 'bot.activity', action: 'READ' });
  expect(used(99, {})).toMatchObject({ name: 'bot.callback' });
});

test('a message is of who wrote it: a person, a bot, a webhook; what answers a command is the bot’s', () => {
  const author = (more: object) => map('MESSAGE_CREATE', { id: '5', channel_id: '2', author: ALICE, ...more })?.actor;
  expect(author({})).toEqual({ id: 'discord:11', type: 'user' });
  expect(author({ author: { ...ALICE, bot: true } })).toEqual({ id: 'discord:11', type: 'service' });
  expect(author({ webhook_id: '8' })).toEqual({ id: 'discord:8', type: 'service' });
  expect(author({ webhook_id: '8', application_id: '8' })).toEqual({ id: 'discord:11', type: 'user' });
  expect(map('MESSAGE_CREATE', { id: '5', channel_id: '2', type: 7, author: ALICE })?.name).toBe('bot.activity');
  expect(map('MESSAGE_CREATE', { id: '5', channel_id: '2' })?.attributes['bot.chat.type']).toBe('dm');
});

const logged = (entry: object, self?: string) =>
  map('GUILD_AUDIT_LOG_ENTRY_CREATE', { guild_id: '1', id: '7', ...entry }, self);

test('an entry of the audit log tells who did it, to whom, and why', () => {
  expect(logged({ user_id: '11', target_id: '12', action_type: 22, reason: 'spam' })).toMatchObject({
    name: 'bot.event',
    action: 'BAN',
    actor: { id: 'discord:11', type: 'user' },
    target: { id: 'discord:12', type: 'user' },
    reason: 'spam',
  });
  expect(logged({ user_id: '7', action_type: 20, target_id: '12' }, 'discord:7')?.actor.type).toBe('service');
  expect(logged({ action_type: 143, target_id: '12', user_id: '12' })?.actor.type).toBe('system');
});

const VERBS: readonly [number, object[], string, string][] = [
  [25, [{ key: '$add', new_value: [] }], 'GRANT', 'user'],
  [25, [{ key: '$remove', new_value: [] }], 'REVOKE', 'user'],
  [24, [{ key: 'communication_disabled_until', new_value: '2030' }], 'MUTE', 'user'],
  [24, [{ key: 'communication_disabled_until', old_value: '2030' }], 'UNMUTE', 'user'],
  [24, [{ key: 'nick', new_value: 'x' }], 'UPDATE', 'user'],
  [12, [], 'DELETE', 'channel'],
  [31, [], 'UPDATE', 'role'],
  [83, [], 'CREATE', 'channel'],
  [9_999, [], 'UPDATE', 'guild'],
];

test.for(VERBS)('entry %i with %j is %s of a %s', ([action_type, changes, verb, type]) => {
  expect(logged({ action_type, changes, target_id: '12' })).toMatchObject({ action: verb, target: { type } });
});

test('a guild that can not be reached was not left', () => {
  expect(map('GUILD_DELETE', { id: '1', unavailable: true })).toBeUndefined();
  expect(map('GUILD_DELETE', { id: '1' })).toMatchObject({
    action: 'LEAVE',
    target: { id: 'discord:1', type: 'guild' },
    attributes: { 'bot.chat.id': '1', 'bot.chat.type': 'guild' },
  });
});

test('an event that is newer than the table is recorded when the bot acts upon it', () => {
  expect(map('NOVELTY_CREATE', IN_GUILD)).toMatchObject({ name: 'bot.activity', actor: { id: 'discord:11' } });
  expect(map('novelty hush', IN_GUILD)).toBeUndefined();
});

test('a message that was changed without being edited was changed by nobody who is told', () => {
  const message = { id: '5', channel_id: '2', guild_id: '1', author: ALICE };
  const actor = (edited_timestamp: string | null) => map('MESSAGE_UPDATE', { ...message, edited_timestamp })?.actor;
  expect(actor('2026-11-01T00:00:00.000Z')).toEqual({ id: 'discord:11', type: 'user' });
  expect(actor(null)).toEqual({ id: 'anonymous', type: 'user' });
});

test('a thread to which the bot is added was not created then', () => {
  const thread = { id: '5', guild_id: '1', type: 12 };
  expect(map('THREAD_CREATE', { ...thread, newly_created: true })?.action).toBe('CREATE');
  expect(map('THREAD_CREATE', { ...thread, member: { id: '5' } })?.action).toBe('JOIN');
});
