import { hash } from 'node:crypto';
import { botScope } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { discordCall, mapDispatch, mapRequest } from '../src/index.js';

const BOT = botScope('test', 'discord', 'discord:7');
const said = (t: string, d: object) => mapDispatch({ t, d })?.content?.();
const SUBCOMMAND = { name: 'add', type: 1, options: [{ name: 'why', type: 3, value: 'spam' }] };

test.each([
  [
    'MESSAGE_CREATE',
    { content: 'Hello', embeds: [{ title: 'T', fields: [{ name: 'a', value: 'b' }] }] },
    { text: 'Hello\nT\na\nb' },
  ],
  ['MESSAGE_REACTION_ADD', { emoji: { name: '👍' } }, { chosen: ['👍'] }],
  ['MESSAGE_POLL_VOTE_ADD', { answer_id: 2 }, { chosen: ['2'] }],
  [
    'INTERACTION_CREATE',
    {
      type: 2,
      data: {
        name: 'ban',
        options: [
          { name: 'who', type: 6, value: '42' },
          { name: 'why', type: 3, value: 'spam' },
        ],
      },
    },
    {
      options: [
        { name: 'who', id: 'discord:42' },
        { name: 'why', value: 'spam' },
      ],
    },
  ],
  [
    'INTERACTION_CREATE',
    { type: 2, data: { name: 'x', options: [SUBCOMMAND] } },
    { options: [{ name: 'why', value: 'spam' }] },
  ],
  ['INTERACTION_CREATE', { type: 3, data: { component_type: 2, custom_id: 'tea:yes' } }, { chosen: ['tea:yes'] }],
  [
    'INTERACTION_CREATE',
    { type: 3, data: { component_type: 3, custom_id: 'm', values: ['a', 'b'] } },
    { chosen: ['a', 'b'] },
  ],
  ['INTERACTION_CREATE', { type: 3, data: { component_type: 5, custom_id: 'm', values: ['42'] } }, {}],
  [
    'INTERACTION_CREATE',
    {
      type: 5,
      data: {
        components: [
          { components: [{ custom_id: 'a', value: 'x' }] },
          { component: { custom_id: 'b', values: ['y'] } },
        ],
      },
    },
    {
      options: [
        { name: 'a', value: 'x' },
        { name: 'b', value: ['y'] },
      ],
    },
  ],
])('%s %j says %j', (type, payload, content) => {
  expect(said(type, payload)).toEqual(content);
});

test('what a bot sends is told of by its texts and files, never by what files hold', () => {
  const described = { size: 7, sha256: hash('sha256', 'content') };
  const request = {
    method: 'POST',
    fullRoute: '/channels/1/messages',
    body: { content: 'Hello', embeds: [{ title: 'T' }] },
    files: [
      { name: 'a.txt', data: 'content', contentType: 'text/plain' },
      { name: 'b', data: Buffer.from('content') },
    ],
  };
  const files = [
    { ...described, name: 'a.txt', type: 'text/plain' },
    { ...described, name: 'b' },
  ];
  expect(mapRequest(request, BOT)?.content?.()).toEqual({ text: 'Hello\nT', files });
  expect(discordCall(BOT, request)?.request?.()).toEqual({
    body: request.body,
    files,
    query: undefined,
    reason: undefined,
  });
});

test('the whole of a request holds neither its address nor its headers, and a form as a URL does', () => {
  const request = {
    method: 'POST',
    fullRoute: '/webhooks/1/a-secret-token',
    headers: { authorization: 'a secret' },
    body: new URLSearchParams({ code: 'a-code', other: '1' }),
  };
  expect(discordCall(BOT, request)?.request?.()).toMatchObject({ body: '?code=a-code&other=1' });
  expect(JSON.stringify(discordCall(BOT, request)?.request?.())).not.toContain('secret');
});
