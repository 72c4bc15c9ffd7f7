import { botScope } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { type DiscordAction, mapRequest } from '../src/actions.js';
import { readAnswer } from '../src/answer.js';
import { botIdOfToken } from '../src/ids.js';

const BOT = botScope('test', 'discord', 'discord:7');
const SEND = mapRequest({ method: 'POST', fullRoute: '/channels/1/messages' }, BOT) as DiscordAction;
const ANSWER = mapRequest({ method: 'POST', fullRoute: '/interactions/1/x/callback', body: { type: 4 } }, BOT);
const BAN = mapRequest({ method: 'PUT', fullRoute: '/guilds/1/bans/2' }, BOT) as DiscordAction;

const fulfilled = (value: unknown, action = SEND) => readAnswer({ status: 'fulfilled', value }, action);
const rejected = (reason: unknown) => readAnswer({ status: 'rejected', reason }, SEND);

test('what was sent is the target, also where it is an answer to an interaction', () => {
  const message = { id: '5', channel_id: '1' };
  expect(fulfilled(message)).toEqual({ outcome: 'success', target: { id: 'discord:1/5', type: 'message' } });
  expect(fulfilled({ interaction: { id: '9' }, resource: { message } }, ANSWER)).toMatchObject({
    target: { id: 'discord:1/5' },
  });
  expect(fulfilled(new ArrayBuffer(0), ANSWER)).toEqual({ outcome: 'success', target: undefined });
  expect(fulfilled({ id: '5', channel_id: '1' }, BAN)).toEqual({ outcome: 'success', target: undefined });
});

test('what Discord refused has failed, by its code, without what stands with the fields', () => {
  const rawError = {
    message: 'Invalid Form Body',
    code: 50_035,
    errors: { content: { _errors: [{ message: 'hush' }] } },
  };
  const error = Object.assign(new Error('Invalid Form Body\ncontent: hush'), { status: 400, code: 50_035, rawError });
  expect(rejected(error)).toEqual({ outcome: 'failure', errorType: '50035', errorMessage: 'Invalid Form Body' });
  const unauthorized = Object.assign(new Error(), { status: 401, code: 0, rawError: { message: '401: Unauthorized' } });
  expect(rejected(unauthorized)).toMatchObject({ outcome: 'failure', errorType: '401' });
});

test('what a server that failed has done is open, and so it is when a connection broke', () => {
  expect(rejected(Object.assign(new Error('Bad Gateway'), { status: 502 }))).toMatchObject({
    outcome: 'unknown',
    errorType: '502',
  });
  const secret = Object.assign(new Error('POST https://discord.com/api/webhooks/1/hush'), { code: 'ECONNRESET' });
  expect(rejected(secret)).toEqual({ outcome: 'unknown', errorType: 'ECONNRESET' });
  expect(rejected(new RangeError('hush'))).toEqual({ outcome: 'unknown', errorType: 'RangeError' });
  expect(rejected(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toMatchObject({ outcome: 'failure' });
  expect(readAnswer({ status: 'unobserved' }, SEND)).toEqual({ outcome: 'unknown' });
});

test('a rate limit that the bot does not wait for is a refusal', () => {
  const limit = { timeToReset: 5, limit: 1, method: 'POST', url: 'https://discord.com/api/webhooks/1/hush' };
  expect(rejected(Object.assign(new Error(), limit))).toEqual({ outcome: 'failure', errorType: '429' });
});

test('of many who were to be banned at once not all need have been', () => {
  const request = { method: 'POST', fullRoute: '/guilds/1/bulk-ban', body: { user_ids: ['2', '3'] } };
  const bans = mapRequest(request, BOT) as DiscordAction;
  expect(fulfilled({ banned_users: ['2', '3'], failed_users: [] }, bans)).toMatchObject({ outcome: 'success' });
  expect(fulfilled({ banned_users: ['2'], failed_users: ['3'] }, bans)).toEqual({
    outcome: 'unknown',
    errorType: 'partial',
  });
});

test('the bot is known by its token, of which only the id is looked at', () => {
  const id = Buffer.from('4200000000000000042').toString('base64url');
  expect(botIdOfToken(`${id}.AbCdEf.${'x'.repeat(38)}`)).toBe('discord:4200000000000000042');
  expect(botIdOfToken(`Bot ${id}.AbCdEf.x`)).toBe('discord:4200000000000000042');
  for (const token of [undefined, 5, '', 'hush', 'aHVzaA.x.y', `${id}`]) expect(botIdOfToken(token)).toBeUndefined();
});
