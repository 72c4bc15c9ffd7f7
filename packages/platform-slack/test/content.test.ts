import { hash } from 'node:crypto';
import { botScope } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { mapBody, mapCall, mapRespond, slackCall } from '../src/index.js';

const BOT = botScope('test', 'slack', 'slack:U7');
const field = (value: object) => ({ view: { state: { values: { block: { name: value } } } } });

test.each([
  [{ event: { type: 'message', text: 'Hello' } }, { text: 'Hello' }],
  [{ event: { type: 'message', subtype: 'message_changed', message: { text: 'Changed' } } }, { text: 'Changed' }],
  [{ event: { type: 'message', blocks: [{ elements: [{ text: 'a' }, { text: 'b' }] }] } }, { text: 'a\nb' }],
  [{ event: { type: 'reaction_added', reaction: 'tea' } }, { chosen: ['tea'] }],
  [{ command: '/kick', text: 'U42 spam' }, { arguments: 'U42 spam' }],
  [{ type: 'block_actions', actions: [{ action_id: 'a', value: 'yes' }] }, { chosen: ['yes'] }],
  [
    { type: 'block_actions', actions: [{ selected_options: [{ value: 'a' }, { value: 'b' }] }] },
    { chosen: ['a', 'b'] },
  ],
  [{ type: 'block_suggestion', value: 'te' }, { text: 'te' }],
  [{ type: 'view_submission', ...field({ value: 'typed' }) }, { options: [{ name: 'name', value: 'typed' }] }],
  [
    { type: 'view_submission', ...field({ selected_users: ['U1', 'U2'] }) },
    { options: [{ name: 'name', value: ['U1', 'U2'] }] },
  ],
  [{ type: 'dialog_submission', submission: { size: 'XL' } }, { options: [{ name: 'size', value: 'XL' }] }],
])('%j says %j', (body, content) => {
  expect(mapBody(body).content?.()).toEqual(content);
});

test('what an app sends is told of by its texts and files, never by what files hold', () => {
  const said = (method: string, args: object) => mapCall(method, args, BOT)?.content?.();
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'A block' } }];
  expect(said('chat.postMessage', { channel: 'C1', text: 'Hello', blocks })).toEqual({ text: 'Hello\nA block' });
  expect(mapRespond({ text: 'Gone' }, {}).content?.()).toEqual({ text: 'Gone' });
  expect(mapRespond('Gone', {}).content?.()).toEqual({ text: 'Gone' });
  const described = { size: 7, sha256: hash('sha256', 'content') };
  const uploads = [
    { filename: 'a.txt', content: 'content' },
    { filename: 'b.txt', file: Buffer.from('content') },
  ];
  const args = { channel_id: 'C1', filename: 'c.txt', content: 'content', file_uploads: uploads };
  expect(said('files.upload', args)?.files).toEqual([
    { ...described, name: 'c.txt' },
    { ...described, name: 'a.txt' },
    { ...described, name: 'b.txt' },
  ]);
  expect(JSON.stringify(slackCall(BOT, 'files.upload', args)?.request?.())).not.toContain('"content":"content"');
});

test('codes that are exchanged for tokens are no part of the whole of a call', () => {
  const args = { client_id: '1', code: 'a secret', nested: 1 };
  expect(slackCall(BOT, 'oauth.v2.access', args)?.request?.()).toEqual({ client_id: '1', code: undefined, nested: 1 });
  expect(slackCall(BOT, 'chat.postMessage', { text: 'x', code: 'no secret' })?.request?.()).toHaveProperty('code');
});
