import { botScope } from '@botaudit/instrumentation';
import { expect, test } from 'vitest';
import { slackCall } from '../src/index.js';

const bot = botScope('test', 'slack', 'slack:U0BOT');
const asked = { channel: 'U1', text: 'x' };
const call = slackCall(bot, 'chat.postMessage', asked);

const rejected = (reason: unknown) => call?.read?.({ status: 'rejected', reason });
const answered = (value: unknown) => call?.read?.({ status: 'fulfilled', value });

test('the answer names the message that was sent, in the channel that it was sent to', () => {
  expect(answered({ ok: true, channel: 'D1', ts: '1.2' })).toEqual({
    outcome: 'success',
    target: { id: 'slack:D1/1.2', type: 'message' },
  });
});

test.each([
  ['channel_not_found', 'failure', 'channel_not_found'],
  ['internal_error', 'unknown', 'internal_error'],
  ['<html>Bad Gateway</html>', 'unknown', 'unknown'],
  [undefined, 'unknown', 'unknown'],
])('an answer that is not ok, with %s, is a %s', (error, outcome, errorType) => {
  const refusal = { ok: false, error };
  expect(rejected({ code: 'slack_webapi_platform_error', data: refusal })).toEqual({ outcome, errorType });
  expect(answered(refusal)).toEqual({ outcome, errorType });
});

test.each([
  [{ code: 'slack_webapi_rate_limited_error', retryAfter: 3 }, 'failure', 'ratelimited'],
  [{ code: 'slack_webapi_http_error', statusCode: 502, body: '<html>' }, 'unknown', '502'],
  [{ code: 'slack_webapi_http_error', statusCode: 404 }, 'failure', '404'],
  [{ code: 'slack_webapi_request_error', original: { cause: { code: 'ECONNREFUSED' } } }, 'failure', 'ECONNREFUSED'],
  [{ code: 'slack_webapi_request_error', original: { code: 'ECONNRESET' } }, 'unknown', 'ECONNRESET'],
  [
    { code: 'slack_webapi_request_error', original: new RangeError('http://127.0.0.1/xoxb-1') },
    'unknown',
    'RangeError',
  ],
  [new TypeError('xoxb-1'), 'unknown', 'TypeError'],
  ['thrown', 'unknown', 'string'],
])('an error made on the way is known by its codes and class alone: %o', (error, outcome, errorType) => {
  expect(rejected(error)).toEqual({ outcome, errorType });
});

test('what can not be seen to end is open', () => {
  expect(call?.read?.({ status: 'unobserved' })).toEqual({ outcome: 'unknown' });
});

test('what was only begun with many at once is open', () => {
  const ids = ['C1', 'C2'];
  const bulk = slackCall(bot, 'admin.conversations.bulkDelete', { channel_ids: ids });
  const value = { ok: true, bulk_action_id: 'B1', not_added: [{ channel_id: 'C2', errors: ['not_allowed'] }] };
  expect(bulk?.action).toMatchObject({ name: 'bot.channel.delete', body: { channel_ids: ids } });
  expect(bulk?.read?.({ status: 'fulfilled', value })).toMatchObject({ outcome: 'unknown' });
});
