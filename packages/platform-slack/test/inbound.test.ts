import { eventDefinition } from '@botaudit/record';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENTS, INTERACTIONS, mapAck, mapBody, mapRespond } from '../src/index.js';
import { HOSTILE } from './hostile.js';

const envelope = (event: object, more: object = {}) => ({
  team_id: 'T1',
  api_app_id: 'A1',
  event_id: 'Ev1',
  event_time: 1_700_000_000,
  event,
  ...more,
});
const message = (more: object) =>
  envelope({ type: 'message', user: 'U1', channel: 'C1', ts: '1700000000.5', text: 'a secret', ...more });

test('an event has the id that Slack gave it, however often it is delivered', () => {
  const body = message({ channel_type: 'im', thread_ts: '1699999999.1' });
  const first = mapBody(body);
  expect(first).toMatchObject({
    name: 'bot.message',
    actor: { id: 'slack:U1', type: 'user' },
    target: { id: 'slack:C1/1700000000.5', type: 'message' },
    attributes: {
      'bot.update.id': 'Ev1',
      'bot.update.type': 'message',
      'bot.chat.id': 'C1',
      'bot.chat.type': 'im',
      'bot.thread.id': '1699999999.1',
    },
    body: { team_id: 'T1', app_id: 'A1' },
  });
  expect(first.timestamp?.getTime()).toBe(1_700_000_000_000);
  const again = mapBody(body, { retryNum: 1, retryReason: 'http_timeout' });
  const { content, update, ...same } = first;
  expect(again).toMatchObject({ ...same, body: { ...first.body, retry_number: 1, retry_reason: 'http_timeout' } });
  expect([again.content?.(), again.update?.()]).toEqual([content?.(), update?.()]);
  expect(JSON.stringify(again)).not.toContain('secret');
});

test.each([
  [message({ subtype: 'bot_message', user: undefined, bot_id: 'B1' }), 'bot.message', undefined, 'slack:B1', 'service'],
  [message({ bot_id: 'B1' }), 'bot.message', undefined, 'slack:U1', 'service'],
  [message({ subtype: 'file_share' }), 'bot.message', undefined, 'slack:U1', 'user'],
  [message({ subtype: 'channel_join' }), 'bot.event', 'JOIN', 'slack:U1', 'user'],
  [message({ subtype: 'message_deleted', deleted_ts: '1.2' }), 'bot.activity', 'DELETE', 'anonymous', 'user'],
  [
    message({ subtype: 'message_changed', message: { user: 'U2', ts: '1.2', edited: { user: 'U3' } } }),
    'bot.message',
    'UPDATE',
    'slack:U3',
    'user',
  ],
  [envelope({ type: 'member_joined_channel', user: 'U1', channel: 'C1' }), 'bot.event', 'JOIN', 'slack:U1', 'user'],
  [
    envelope({ type: 'member_joined_channel', user: 'U1', channel: 'C1', inviter: 'U2' }),
    'bot.event',
    'INVITE',
    'slack:U2',
    'user',
  ],
  [
    envelope({ type: 'message', subtype: 'channel_join', user: 'U1', channel: 'C1', inviter: 'U2' }),
    'bot.event',
    'INVITE',
    'slack:U2',
    'user',
  ],
  [envelope({ type: 'team_join', user: { id: 'U1', name: 'a secret' } }), 'bot.event', 'JOIN', 'slack:U1', 'user'],
  [
    envelope({ type: 'channel_created', channel: { id: 'C1', creator: 'U1' } }),
    'bot.event',
    'CREATE',
    'slack:U1',
    'user',
  ],
  [envelope({ type: 'tokens_revoked', tokens: { bot: ['U9'] } }), 'bot.event', 'REVOKE', 'slack:T1', 'system'],
  [
    envelope({ type: 'reaction_added', user: 'U1', item: { channel: 'C1', ts: '1.2' } }),
    'bot.activity',
    undefined,
    'slack:U1',
    'user',
  ],
  [envelope({ type: 'newer_than_this', user: 'U1' }), 'bot.activity', undefined, 'slack:U1', 'user'],
  [envelope({ type: 'constructor', user: 'U1' }), 'bot.activity', undefined, 'slack:U1', 'user'],
  [{ type: 'shortcut', user: { id: 'U1' }, callback_id: 'open' }, 'bot.callback', undefined, 'slack:U1', 'user'],
  [{ type: 'view_closed', user: { id: 'U1' }, view: { id: 'V1' } }, 'bot.callback', 'CLOSE', 'slack:U1', 'user'],
  [{ type: 'block_suggestion', user: { id: 'U1' } }, 'bot.activity', 'READ', 'slack:U1', 'user'],
  [{ type: 'newer_than_this', user: { id: 'U1' } }, 'bot.callback', undefined, 'slack:U1', 'user'],
])('%o is %s %s of %s', (body, name, action, id, type) => {
  expect(mapBody(body)).toMatchObject({ name, actor: { id, type } });
  expect(mapBody(body).action).toBe(action);
});

test('a command is known by its name, without what was said to it', () => {
  const body = {
    command: '/deploy',
    text: 'a secret',
    user_id: 'U1',
    channel_id: 'C1',
    team_id: 'T1',
    enterprise_id: 'E1',
    trigger_id: '1.a.secret',
    response_url: 'https://hooks.slack.com/commands/T1/a-secret',
  };
  const event = mapBody(body);
  expect(event).toMatchObject({
    name: 'bot.command',
    actor: { id: 'slack:U1' },
    target: { id: 'slack:C1', type: 'chat' },
    attributes: { 'bot.command.name': '/deploy', 'bot.update.type': 'slash_command', 'bot.chat.id': 'C1' },
    body: { team_id: 'T1', enterprise_id: 'E1' },
  });
  expect(JSON.stringify(event)).not.toContain('secret');
});

test('a pressed button is told by its id, in an organization too', () => {
  const event = mapBody({
    type: 'block_actions',
    team: null,
    enterprise: { id: 'E1' },
    user: { id: 'U1', team_id: 'T1' },
    container: { channel_id: 'C1', message_ts: '1.2', thread_ts: '1.1' },
    channel: { id: 'C1' },
    trigger_id: '1.a.secret',
    response_url: 'https://hooks.slack.com/actions/T1/a-secret',
    actions: [{ action_id: 'approve', action_ts: '1700000000.5', value: 'a secret' }],
  });
  expect(event).toMatchObject({
    target: { id: 'slack:C1/1.2', type: 'message' },
    attributes: { 'bot.update.id': '1700000000.5', 'bot.thread.id': '1.1' },
    body: { team_id: 'T1', enterprise_id: 'E1', action_ids: ['approve'] },
  });
  expect(JSON.stringify(event)).not.toContain('secret');
});

test('answers are told by what they do, and an acknowledgement that says nothing is none', () => {
  const pressed = { channel: { id: 'C1' }, container: { channel_id: 'C1', message_ts: '1.2' } };
  expect(mapRespond('x', pressed)).toMatchObject({
    name: 'bot.message.send',
    method: 'respond',
    target: { id: 'slack:C1' },
  });
  expect(mapRespond({ replace_original: true }, pressed)).toMatchObject({
    name: 'bot.message.edit',
    target: { id: 'slack:C1/1.2', type: 'message' },
  });
  expect(mapRespond({ delete_original: true }, pressed).name).toBe('bot.message.delete');
  expect(mapAck(undefined, pressed)).toBeUndefined();
  expect(mapAck('', { command: '/a' })).toBeUndefined();
  expect(mapAck({ text: 'x' }, { command: '/a', channel_id: 'C1' })).toMatchObject({ name: 'bot.message.send' });
  expect(mapAck({ response_action: 'clear' }, { view: { id: 'V1' } })).toMatchObject({
    name: 'bot.query.answer',
    target: { id: 'slack:V1', type: 'view' },
  });
});

const hostile = fc.anything({ withNullPrototype: true, withSparseArray: true, withTypedArray: true, withBigInt: true });
const MEMBERS = [
  'type',
  'subtype',
  'user',
  'channel',
  'item',
  'actions',
  'view',
  'team',
  'container',
  'command',
  'message',
];

test('nothing that is sent makes a mapping throw, or its record large, or unknown to the catalogue', () => {
  const members = fc.dictionary(
    fc.constantFrom(...MEMBERS),
    fc.oneof(hostile, fc.constantFrom(...Object.keys(EVENTS))),
  );
  const types = fc.constantFrom(...Object.keys(EVENTS), ...Object.keys(INTERACTIONS));
  const typed = fc.tuple(types, members).map(([type, more]) => ({ ...more, type }));
  const bodies = fc.oneof(
    hostile,
    typed,
    typed.map((event) => ({ event_id: 'Ev1', event })),
  );
  fc.assert(
    fc.property(bodies, hostile, (body, answer) => {
      const event = mapBody(body, { retryNum: answer, retryReason: answer });
      expect(eventDefinition(event.name)).toBeDefined();
      expect(event.actor.id).toMatch(/^(unknown|anonymous|slack:.+)$/s);
      expect(JSON.stringify([event, mapRespond(answer, body), mapAck(answer, body)]).length).toBeLessThan(20_000);
      expect(({} as { user?: string }).user).toBeUndefined();
    }),
  );
});

test.each(HOSTILE)('nor does a body %s', (_, body) => {
  expect(eventDefinition(mapBody(body).name)).toBeDefined();
  expect(eventDefinition(mapBody({ event_id: 'Ev1', event: body }).name)).toBeDefined();
  expect(JSON.stringify([mapRespond(body, body), mapAck(body, body)]).length).toBeLessThan(5_000);
});
