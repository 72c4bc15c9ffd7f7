import { createRequire } from 'node:module';
import { botScope } from '@botaudit/instrumentation';
import { eventDefinition } from '@botaudit/record';
import * as newest from '@slack/web-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METHODS, mapCall } from '../src/index.js';
import { HOSTILE } from './hostile.js';

const bot = botScope('test', 'slack', 'slack:U0BOT');
const require = createRequire(import.meta.url);
const oldest: typeof newest = createRequire(require.resolve('slack-bolt-oldest'))('@slack/web-api');

/** Every method that a client has, by what each of its members calls. */
function methodsOf({ WebClient }: typeof newest): string[] {
  const called: string[] = [];
  class Probe extends WebClient {
    override apiCall(method: string): Promise<never> {
      called.push(method);
      return new Promise(() => {});
    }
  }
  const call = (member: unknown): void => {
    if (typeof member === 'function') void member({});
    else if (member?.constructor === Object) Object.values(member).forEach(call);
  };
  // Beside the groups of methods stands what clients are made of.
  for (const member of Object.values(new Probe())) if (typeof member !== 'function') call(member);
  return called;
}

test.each([
  ['newest', newest],
  ['oldest', oldest],
])('every method that the %s client knows has its rule', (_, client) => {
  const methods = methodsOf(client);
  expect(methods.length).toBeGreaterThan(260);
  expect(methods.filter((method) => !Object.hasOwn(METHODS, method))).toEqual([]);
});

test('every rule is of a method that one of the clients knows, and names an event of the catalogue', () => {
  const known = new Set([...methodsOf(newest), ...methodsOf(oldest), 'files.uploadV2']);
  expect(Object.keys(METHODS).filter((method) => !known.has(method))).toEqual([]);
  for (const rule of Object.values(METHODS)) if (rule) expect(eventDefinition(rule.event)).toBeDefined();
});

test.each([
  ['chat.postMessage', { channel: 'C1', text: 'x' }, 'bot.message.send', 'slack:C1', 'chat'],
  ['chat.update', { channel: 'C1', ts: '1.2' }, 'bot.message.edit', 'slack:C1/1.2', 'message'],
  ['chat.delete', { channel: 'C1', ts: '1.2' }, 'bot.message.delete', 'slack:C1/1.2', 'message'],
  [
    'chat.deleteScheduledMessage',
    { channel: 'C1', scheduled_message_id: 'Q1' },
    'bot.message.delete',
    'slack:Q1',
    'message',
  ],
  ['pins.add', { channel: 'C1', timestamp: '1.2' }, 'bot.message.pin', 'slack:C1/1.2', 'message'],
  ['reactions.add', { channel: 'C1', timestamp: '1.2', name: 'wave' }, 'bot.message.react', 'slack:C1/1.2', 'message'],
  ['conversations.kick', { channel: 'C1', user: 'U1' }, 'bot.member.kick', 'slack:U1', 'user'],
  ['conversations.invite', { channel: 'C1', users: 'U1' }, 'bot.member.invite', 'slack:U1', 'user'],
  ['conversations.invite', { channel: 'C1', users: 'U1,U2' }, 'bot.member.invite', 'slack:C1', 'channel'],
  ['conversations.archive', { channel: 'C1' }, 'bot.channel.update', 'slack:C1', 'channel'],
  ['admin.conversations.delete', { channel_id: 'C1' }, 'bot.channel.delete', 'slack:C1', 'channel'],
  ['admin.users.remove', { team_id: 'T1', user_id: 'U1' }, 'bot.member.kick', 'slack:U1', 'user'],
  ['admin.users.setAdmin', { team_id: 'T1', user_id: 'U1' }, 'bot.role.grant', 'slack:U1', 'user'],
  ['admin.apps.approve', { app_id: 'A1' }, 'bot.settings.update', 'slack:A1', 'app'],
  ['admin.teams.settings.setName', { team_id: 'T1', name: 'x' }, 'bot.settings.update', 'slack:T1', 'team'],
  ['files.delete', { file: 'F1' }, 'bot.file.delete', 'slack:F1', 'file'],
  ['files.completeUploadExternal', { files: [{ id: 'F1', title: 'x' }] }, 'bot.file.upload', 'slack:F1', 'file'],
  ['files.sharedPublicURL', { file: 'F1' }, 'bot.file.share', 'slack:F1', 'file'],
  ['usergroups.users.update', { usergroup: 'S1', users: ['U1'] }, 'bot.role.grant', 'slack:S1', 'usergroup'],
  ['views.update', { view_id: 'V1', view: {} }, 'bot.query.answer', 'slack:V1', 'view'],
  ['views.publish', { user_id: 'U1', view: {} }, 'bot.message.send', 'slack:U1', 'user'],
  ['apps.uninstall', { client_id: 'x', client_secret: 'y' }, 'bot.settings.update', 'slack:U0BOT', undefined],
])('%s of %o is %s', (method, args, event, id, type) => {
  const action = mapCall(method, args, bot);
  expect(action?.name).toBe(event);
  expect(action?.target).toEqual(type === undefined ? { id } : { id, type });
});

test.each(['auth.test', 'apps.connections.open', 'files.uploadV2', 'assistant.threads.setStatus'])(
  '%s is no action',
  (method) => expect(mapCall(method, {}, bot)).toBeUndefined(),
);

test('a method that is newer than the table is recorded by what its name says', () => {
  const told = ['future.things.list', 'future.addThing', 'future.setThing', 'future.removeThing', 'future.think'];
  expect(told.map((method) => mapCall(method, {}, bot)?.action)).toEqual([
    'READ',
    'CREATE',
    'UPDATE',
    'DELETE',
    undefined,
  ]);
  expect(mapCall('future.think', {}, bot)).toMatchObject({ name: 'bot.api.call', method: 'future.think' });
});

test('the members of the prototype of a table are no methods, and an address is no name', () => {
  for (const method of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(mapCall(method, {}, bot)?.name).toBe('bot.api.call');
  }
  expect(mapCall('https://files.slack.com/upload/v1/secret', {}, bot)?.method).toBe('url');
});

test('of several, the ids stand in the body; texts, names and secrets nowhere', () => {
  const action = mapCall(
    'conversations.invite',
    { channel: 'C1', users: 'U1,U2', token: 'xoxb-1', text: 'a secret' },
    bot,
  );
  expect(action?.body).toMatchObject({ user_ids: ['U1', 'U2'] });
  expect(JSON.stringify(action)).not.toMatch(/xoxb|secret/);
});

const hostile = fc.anything({ withNullPrototype: true, withSparseArray: true, withTypedArray: true, withBigInt: true });

test('no argument makes a mapping throw, or its record large', () => {
  const methods = fc.oneof(fc.constantFrom(...Object.keys(METHODS)), fc.string());
  const values = fc.dictionary(
    fc.constantFrom('channel', 'user', 'users', 'files', 'ts', 'view_id', 'team_id'),
    hostile,
  );
  fc.assert(
    fc.property(methods, fc.oneof(hostile, values), hostile, (method, args, answer) => {
      const action = mapCall(method, args, bot);
      const target = action?.answered?.(answer, args);
      expect(JSON.stringify([action, target]).length).toBeLessThan(60_000);
      expect(({} as { channel?: string }).channel).toBeUndefined();
    }),
  );
});

test.each(HOSTILE)('nor do arguments %s', (_, args) => {
  for (const method of Object.keys(METHODS)) {
    const action = mapCall(method, args, bot);
    action?.answered?.(args, args);
    expect(action?.attributes['bot.chat.id']).toBeUndefined();
  }
});

test('an address in the place of an id is none', () => {
  const url = 'https://hooks.slack.com/actions/T1/2/secret';
  for (const method of Object.keys(METHODS)) {
    const action = mapCall(method, { channel: url, user: url, users: [url], file: url, ts: url, view_id: url }, bot);
    expect(JSON.stringify(action) ?? '').not.toContain('secret');
  }
});
