import { expect, test } from 'vitest';
import { call, start, tokenOf } from './start.ts';

test('arguments come as a form, as JSON, in the address, or as multipart', async () => {
  const { slack, app, channel } = await start();
  const token = tokenOf(app);
  const form = await call(slack, token, 'chat.postMessage', {
    channel: channel.id,
    text: 'form',
    blocks: '[{"type":"divider"}]',
  });
  expect(form).toMatchObject({ status: 200, answer: { ok: true, channel: channel.id } });
  const headers = { authorization: `Bearer ${token}` };
  const body = JSON.stringify({ channel: channel.id, text: 'json' });
  await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  });
  const data = new FormData();
  data.set('channel', channel.id);
  data.set('text', 'multipart');
  await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', headers, body: data });
  await fetch(`${slack.apiUrl}chat.postMessage?channel=${channel.id}&text=query&token=${token}`);
  expect(channel.messages.map(({ text }) => text)).toEqual(['form', 'json', 'multipart', 'query']);
  expect(channel.messages[0]?.blocks).toEqual([{ type: 'divider' }]);
  expect(slack.log.of('chat.postMessage').map(({ transport }) => transport)).toEqual([
    'form',
    'json',
    'multipart',
    'query',
  ]);
});

test('who may not call is told so, and what is refused is refused by name', async () => {
  const { slack, app, bob, channel } = await start();
  const refused = async (token: string | undefined, method: string, args?: Record<string, string>) =>
    (await call(slack, token, method, args)).answer.error;
  expect(await refused(undefined, 'users.list')).toBe('not_authed');
  expect(await refused('xoxb-wrong', 'users.list')).toBe('invalid_auth');
  expect(await refused(app.appToken, 'users.list')).toBe('not_allowed_token_type');
  expect(await refused(tokenOf(app), 'apps.connections.open')).toBe('invalid_auth');
  expect(await refused(tokenOf(app), 'no_such_method')).toBe('unknown_method');
  const post = (args: Record<string, string>) => refused(tokenOf(app), 'chat.postMessage', args);
  expect(await post({ text: 'x' })).toBe('invalid_arguments');
  expect(await post({ channel: 'C404', text: 'x' })).toBe('channel_not_found');
  expect(await post({ channel: channel.id })).toBe('no_text');
  const { ts } = bob.says(channel, 'mine');
  expect(await refused(tokenOf(app), 'chat.update', { channel: channel.id, ts })).toBe('cant_update_message');
  expect(await refused(tokenOf(app), 'users.list', { cursor: 'x' })).toBe('invalid_cursor');
});

test('lists come in pages', async () => {
  const { slack, app } = await start();
  for (let index = 0; index < 5; index++) slack.addPerson(`Person ${index}`);
  const ids: string[] = [];
  for (let cursor = '', pages = 0; pages < 10; pages++) {
    const { answer } = await call(slack, tokenOf(app), 'users.list', { limit: '3', cursor });
    ids.push(...(answer.members as { id: string }[]).map(({ id }) => id));
    cursor = (answer.response_metadata as { next_cursor: string }).next_cursor;
    if (cursor === '') break;
  }
  expect(ids).toEqual([...slack.workspace.users.keys()]);
});

test('calls go wrong as they were told to: refused, limited, reset, late, by a proxy', async () => {
  const { slack, app, channel } = await start();
  const post = () => call(slack, tokenOf(app), 'chat.postMessage', { channel: channel.id, text: 'x' });
  slack.failNext('chat.postMessage', { error: 'fatal_error' });
  expect((await post()).answer).toEqual({ ok: false, error: 'fatal_error' });
  slack.failNext('*', { retryAfter: 3 });
  expect(await post()).toMatchObject({ status: 429, retryAfter: '3', answer: { error: 'ratelimited' } });
  slack.failNext('chat.postMessage', { reset: 'before' });
  await expect(post()).rejects.toThrow();
  expect(channel.messages).toHaveLength(0);
  slack.failNext('chat.postMessage', { reset: 'after' });
  await expect(post()).rejects.toThrow();
  expect(channel.messages).toHaveLength(1);
  slack.failNext('chat.postMessage', { status: 502, body: '<html>' });
  await expect(post()).rejects.toThrow('JSON');
  slack.failNext('chat.postMessage', { delayMs: 1 }, 2);
  for (let index = 0; index < 3; index++) expect((await post()).answer.ok).toBe(true);
});

test('a code is changed for a token, once, by the app that it is of', async () => {
  const { slack, app } = await start();
  const other = slack.addWorkspace('E0GRID');
  const code = app.issueCode(other, true);
  const access = (args: Record<string, string>) =>
    call(slack, undefined, 'oauth.v2.access', args).then(({ answer }) => answer);
  const asked = { client_id: app.clientId, client_secret: app.clientSecret, code };
  expect(await access({ ...asked, client_secret: 'x' })).toMatchObject({ error: 'bad_client_secret' });
  const { access_token: token } = await access(asked);
  expect(await access(asked)).toMatchObject({ error: 'invalid_code' });
  expect((await call(slack, String(token), 'auth.test')).answer).toMatchObject({
    team_id: other.id,
    enterprise_id: 'E0GRID',
    user_id: app.in(other)?.bot.id,
    is_enterprise_install: true,
  });
});
