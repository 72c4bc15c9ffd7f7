import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runAs } from '@botaudit/api';
import { expect, test } from 'vitest';
import { freePorts } from '../../../scripts/stack/ports.ts';
import { useStage } from './setup.js';

const stage = useStage();
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );

test('a client that is used without Bolt is audited too, as whom it says that it is', async () => {
  const { account, channel, backend } = stage.current;
  const client = stage.current.client();
  await client.auth.test();
  const { ts } = await client.chat.postMessage({ channel: channel.id, text: 'a secret' });
  expect(backend.only('bot.message.send')).toMatchObject({
    actor: { id: 'service:test' },
    target: { id: `slack:${channel.id}/${ts}`, type: 'message' },
    outcome: 'success',
    attributes: {
      'bot.framework': '@slack/web-api',
      'bot.id': `slack:${account.home.bot.id}`,
      'bot.chat.id': channel.id,
    },
  });
  expect(JSON.stringify(backend.records)).not.toMatch(/a secret|xox/);
  await runAs({ id: 'service:nightly', type: 'service' }, () =>
    client.chat.delete({ channel: channel.id, ts: ts ?? '' }),
  );
  expect(backend.only('bot.message.delete').actor).toMatchObject({ id: 'service:nightly' });
});

test('what Slack refuses is a failure, and the error reaches the application', async () => {
  const { bob, channel, backend } = stage.current;
  channel.members.delete(bob.id);
  const error = await rejection(stage.current.client().conversations.kick({ channel: channel.id, user: bob.id }));
  expect(error).toMatchObject({ code: 'slack_webapi_platform_error', data: { error: 'not_in_channel' } });
  const [attempt, outcome] = backend.named('bot.member.kick');
  expect(attempt).toMatchObject({ outcome: 'unknown', attributes: { 'bot.action.stage': 'attempt' } });
  expect(outcome).toMatchObject({ outcome: 'failure', attributes: { 'error.type': 'not_in_channel' } });
});

test('however often a client tries again, it is one action', async () => {
  const { channel, backend, slack } = stage.current;
  slack.failNext('chat.postMessage', { retryAfter: 0 }, 2);
  slack.failNext('chat.postMessage', { status: 503, body: 'busy' });
  await stage.current
    .client()
    .chat.postMessage({ channel: channel.id, text: 'x' })
    .catch(() => undefined);
  expect(slack.log.of('chat.postMessage').map(({ status }) => status)).toEqual(expect.arrayContaining([429, 429]));
  expect(backend.named('bot.message.send')).toHaveLength(1);
});

test('a client that does not try again has been refused', async () => {
  const { channel, backend, slack } = stage.current;
  slack.failNext('chat.postMessage', { retryAfter: 7 });
  const client = stage.current.client({ rejectRateLimitedCalls: true });
  expect(await rejection(client.chat.postMessage({ channel: channel.id, text: 'x' }))).toMatchObject({ retryAfter: 7 });
  expect(backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'ratelimited' },
  });
});

test('each page of a list is a call, and the pages are whole', async () => {
  const { slack, backend } = stage.current;
  for (let index = 0; index < 5; index++) slack.addPerson(`Person ${index}`);
  const members: unknown[] = [];
  for await (const page of stage.current.client().paginate('users.list', { limit: 4 })) {
    members.push(...(page as unknown as { members: unknown[] }).members);
  }
  expect(members).toHaveLength(slack.workspace.users.size);
  expect(backend.named('bot.api.call').map(({ action, attributes: of }) => [action, of['bot.api.method']])).toEqual(
    slack.log.of('users.list').map(() => ['READ', 'users.list']),
  );
});

test.each([
  [{ reset: 'before' } as const, 'unknown', undefined],
  [{ reset: 'after' } as const, 'unknown', undefined],
  [{ status: 502, body: '<html>Bad Gateway</html>' }, 'unknown', '502'],
  [{ status: 200, body: '<html>A proxy</html>' }, 'unknown', 'unknown'],
  [{ error: 'internal_error' }, 'unknown', 'internal_error'],
])('where it can not be known whether Slack acted, the outcome is open: %o', async (fault, outcome, type) => {
  const { channel, backend, slack } = stage.current;
  slack.failNext('chat.postMessage', fault);
  const client = stage.current.client({ retryConfig: { retries: 0 } });
  await rejection(client.chat.postMessage({ channel: channel.id, text: 'x' }));
  const record = backend.only('bot.message.send');
  expect(record.outcome).toBe(outcome);
  expect(record.attributes['error.type']).toEqual(type ?? expect.any(String));
  expect(JSON.stringify(record)).not.toMatch(/127\.0\.0\.1|html/);
});

test('a server that is not there has been asked nothing', async () => {
  const [port] = await freePorts(1);
  const slackApiUrl = `http://127.0.0.1:${port}/api/`;
  const client = stage.current.client({ slackApiUrl, retryConfig: { retries: 0 } });
  await rejection(client.chat.postMessage({ channel: 'C1', text: 'x' }));
  expect(stage.current.backend.only('bot.message.send')).toMatchObject({
    outcome: 'failure',
    attributes: { 'error.type': 'ECONNREFUSED' },
  });
});

test('a server that is not there any more may have acted when it was first asked', async () => {
  let asked = 0;
  const server = createServer((request) => {
    asked++;
    request.resume().on('end', () => {
      server.close();
      server.closeAllConnections();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const slackApiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  const client = stage.current.client({ slackApiUrl, retryConfig: { retries: 2, minTimeout: 50, maxTimeout: 50 } });
  await rejection(client.chat.postMessage({ channel: 'C1', text: 'x' }));
  expect(asked).toBe(1);
  expect(stage.current.backend.only('bot.message.send')).toMatchObject({
    outcome: 'unknown',
    attributes: { 'error.type': 'ECONNREFUSED' },
  });
});

test('a file is uploaded whole, in two calls, without its address', async () => {
  const { channel, backend, slack } = stage.current;
  const file = readFileSync(new URL(import.meta.url));
  await stage.current.client().filesUploadV2({ channel_id: channel.id, file, filename: 'a-secret.txt' });
  const [[id, stored] = [], ...more] = [...slack.workspace.files];
  expect(more).toEqual([]);
  expect(stored?.size).toBeGreaterThan(file.length);
  expect(backend.records.map(({ name, target, attributes: of }) => [name, of['bot.api.method'], target?.id])).toEqual([
    ['bot.api.call', 'files.getUploadURLExternal', `slack:${id}`],
    ['bot.file.upload', 'files.completeUploadExternal', `slack:${id}`],
  ]);
  expect(JSON.stringify(backend.records)).not.toMatch(/upload\/v1|a-secret/);
});

test('a fail-closed action that can not be recorded does not happen, and its caller learns why', async () => {
  const { channel, bob, backend, slack } = stage.current;
  backend.policy['bot.member.kick'] = { failClosed: true };
  backend.unavailable = true;
  const error = await rejection(stage.current.client().conversations.kick({ channel: channel.id, user: bob.id }));
  expect(error).toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  expect(slack.log.of()).toEqual([]);
});

test('arguments that are none end as without audit', async () => {
  const client = stage.current.client();
  expect(await rejection(client.apiCall('chat.postMessage', 'x' as never))).toBeInstanceOf(TypeError);
  expect(await rejection(client.apiCall(undefined as never))).toBeInstanceOf(Error);
  expect(stage.current.backend.errors).toEqual([]);
});

test('the answers of listeners are told by what they do, and how they end', async () => {
  const { account, alice, channel, backend, slack } = stage.current;
  const app = stage.current.app();
  app.error(async () => {});
  app.command('/answers', async ({ ack, respond }) => {
    await ack({ text: 'a secret' });
    await respond({ text: 'a secret', replace_original: false });
    await respond({ delete_original: true });
    for (let index = 0; index < 4; index++) await respond(`another ${index}`);
  });
  await stage.current.listen(app);
  alice.commands(account, '/answers', '', channel);
  await stage.current.records('bot.handler.error');
  expect(slack.log.of('respond')).toHaveLength(6);
  const cause = backend.only('bot.command').id;
  const answers = stage.current.done.filter(({ attributes: of }) => /ack|respond/.test(String(of['bot.api.method'])));
  expect(
    answers.map(({ name, outcome, attributes: of }) => [of['bot.api.method'], name, outcome, of['error.type']]),
  ).toEqual([
    ['ack', 'bot.message.send', 'unknown', undefined],
    ['respond', 'bot.message.send', 'success', undefined],
    ['respond', 'bot.message.delete', 'success', undefined],
    ['respond', 'bot.message.send', 'success', undefined],
    ['respond', 'bot.message.send', 'success', undefined],
    ['respond', 'bot.message.send', 'success', undefined],
    ['respond', 'bot.message.send', 'failure', '404'],
  ]);
  expect(new Set(answers.map(({ attributes: of }) => of['bot.trigger.record_id']))).toEqual(new Set([cause]));
  expect(JSON.stringify(backend.records)).not.toMatch(/secret|actions\//);
});

test('an installation brings a token, and with it a bot, and neither its code nor a secret into a record', async () => {
  const { slack, account, backend } = stage.current;
  const other = slack.addWorkspace();
  const code = account.issueCode(other);
  const client = stage.current.client();
  const { access_token: token } = await client.oauth.v2.access({
    client_id: account.clientId,
    client_secret: account.clientSecret,
    code,
  });
  const channel = slack.addChannel('there', [account.in(other)?.bot as { id: string }], other);
  await client.chat.postMessage({ token: String(token), channel: channel.id, text: 'x' });
  expect(backend.only('bot.message.send').attributes['bot.id']).toBe(`slack:${account.in(other)?.bot.id}`);
  const written = JSON.stringify(backend.records);
  for (const secret of [code, account.clientSecret, token, account.home.botToken])
    expect(written).not.toContain(secret);
  expect(backend.named('bot.settings.update').at(-1)).toMatchObject({
    target: { id: `slack:${account.id}`, type: 'app' },
  });
});
