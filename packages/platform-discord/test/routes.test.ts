import { botScope } from '@botaudit/instrumentation';
import { eventDefinition } from '@botaudit/record';
import { expect, test } from 'vitest';
import { mapRequest } from '../src/actions.js';
import { READING, ROUTES } from '../src/routes.js';
import { documentedRoutes, filledIn } from './documented.js';

const BOT = botScope('test', 'discord', 'discord:7');
const SECRET = 'aGVyZSBpcyBhIHNlY3JldA';

const alike = (route: string): string => route.replaceAll(/:\w+|\$?\{[^}]*\}/g, ':x');
const map = (method: string, fullRoute: string, more: object = {}) => mapRequest({ method, fullRoute, ...more }, BOT);

test('every route that the API documents is in the tables, and there is no other', () => {
  const documented = documentedRoutes().map(alike);
  expect(documented.length).toBeGreaterThan(200);
  expect([...Object.keys(ROUTES), ...READING].map(alike).toSorted()).toEqual([...new Set(documented)].toSorted());
});

test.for(documentedRoutes())('%s is mapped by its own name, and nothing but ids of it is kept', (route) => {
  const isId = (placeholder: string) => /\.id$|Id$/.test(placeholder) && !/provider|instance/.test(placeholder);
  const action = mapRequest(
    filledIn(route, (placeholder) => (isId(placeholder) ? '4200000000000000042' : SECRET)),
    BOT,
  );
  if (/^GET \/gateway|typing$/.test(route)) {
    expect(action).toBeUndefined();
    return;
  }
  expect(alike(action?.method ?? '')).toBe(alike(route));
  expect(eventDefinition(action?.name ?? '')?.direction).toBe('outbound');
  if (route.startsWith('GET')) expect(action).toMatchObject({ name: 'bot.api.call', action: 'READ' });
  expect(JSON.stringify(action)).not.toContain(SECRET);
});

const CASES: readonly [string, string, object, object][] = [
  ['PUT', '/guilds/1/bans/2', {}, { name: 'bot.member.ban', target: { id: 'discord:2', type: 'user' } }],
  ['DELETE', '/guilds/1/members/2', {}, { name: 'bot.member.kick', target: { id: 'discord:2', type: 'user' } }],
  [
    'POST',
    '/guilds/1/bulk-ban',
    { body: { user_ids: ['2', '3', 'x'] } },
    { name: 'bot.member.ban', body: { guild: 'discord:1', users: ['discord:2', 'discord:3'] } },
  ],
  [
    'PATCH',
    '/guilds/1/members/2',
    { body: { communication_disabled_until: '2030-01-01T00:00:00Z' } },
    { name: 'bot.member.mute' },
  ],
  ['PATCH', '/guilds/1/members/2', { body: { communication_disabled_until: null } }, { name: 'bot.member.unmute' }],
  ['PATCH', '/guilds/1/members/2', { body: { roles: ['5'] } }, { name: 'bot.role.grant', action: 'UPDATE' }],
  ['PATCH', '/guilds/1/members/2', { body: { nick: 'x' } }, { name: 'bot.api.call', action: 'UPDATE' }],
  ['PATCH', '/guilds/1/members/@me', { body: { nick: 'x' } }, { name: 'bot.settings.update' }],
  [
    'PUT',
    '/guilds/1/members/2/roles/3',
    {},
    { name: 'bot.role.grant', target: { id: 'discord:2', type: 'user' }, body: { role: 'discord:3' } },
  ],
  [
    'PUT',
    '/channels/1/permissions/2',
    { body: { type: 1, allow: '1024', deny: '0' } },
    { name: 'bot.role.grant', target: { id: 'discord:2', type: 'user' } },
  ],
  [
    'PUT',
    '/channels/1/permissions/2',
    { body: { type: 0, allow: '0', deny: '1024' } },
    { name: 'bot.role.revoke', target: { id: 'discord:2', type: 'role' } },
  ],
  ['PATCH', '/guilds/1/voice-states/2', { body: { suppress: false } }, { name: 'bot.member.unmute' }],
  [
    'PATCH',
    '/channels/1/messages/2',
    {},
    { name: 'bot.message.edit', target: { id: 'discord:1/2', type: 'message' }, attributes: { 'bot.chat.id': '1' } },
  ],
  [
    'DELETE',
    '/channels/1/messages/2/reactions/%F0%9F%91%8D/3',
    {},
    { name: 'bot.message.react', target: { id: 'discord:1/2', type: 'message' } },
  ],
  [
    'POST',
    `/interactions/1/${SECRET}/callback`,
    { body: { type: 4 } },
    { name: 'bot.message.send', target: { id: 'discord:1', type: 'interaction' } },
  ],
  ['POST', `/interactions/1/${SECRET}/callback`, { body: { type: 7 } }, { name: 'bot.message.edit' }],
  ['POST', `/interactions/1/${SECRET}/callback`, { body: { type: 9 } }, { name: 'bot.query.answer' }],
  [
    'PATCH',
    `/webhooks/1/${SECRET}/messages/%40original`,
    {},
    { method: 'PATCH /webhooks/:webhook/:token/messages/@original' },
  ],
  ['POST', '/guilds/1/roles', {}, { name: 'bot.role.update', action: 'CREATE' }],
  ['POST', '/channels/1/messages?x=1', {}, { name: 'bot.message.send' }],
  ['post', '/channels/1/messages', {}, { name: 'bot.message.send' }],
];

test.for(CASES)('%s %s %o', ([method, path, more, expected]) => {
  expect(map(method, path, more)).toMatchObject(expected);
});

test('a route that is newer than the tables is named by known words alone, and mapped by its method', () => {
  const action = map('PUT', `/guilds/1/novelties/${SECRET}/members`);
  expect(action).toMatchObject({
    method: 'PUT /guilds/:id/:other/:other/members',
    name: 'bot.api.call',
    action: 'UPDATE',
  });
  expect(map('BREW', '/guilds/1')).toMatchObject({ method: 'BREW /guilds/:id', action: undefined });
});

test('a reason is taken over from the option or the header, decoded, and no longer than Discord takes it', () => {
  const ban = (more: object) => map('PUT', '/guilds/1/bans/2', more)?.reason;
  expect(ban({ reason: 'spam' })).toBe('spam');
  expect(ban({ headers: { 'X-Audit-Log-Reason': 'sp%C3%A4m' } })).toBe('späm');
  expect(ban({ headers: { 'X-Audit-Log-Reason': '%' } })).toBe('%');
  expect(ban({ reason: 'x'.repeat(1_000) })).toHaveLength(512);
  expect(ban({ reason: 5 })).toBeUndefined();
});
