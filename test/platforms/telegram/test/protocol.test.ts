import { expect, test } from 'vitest';
import { startTelegram } from './start.ts';

async function post(url: string, body: string, type = 'application/json') {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('answers with Telegram’s own errors to wrong tokens, paths and methods', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot();
  const unauthorized = await post(`${telegram.url}/bot1:wrong/getMe`, '{}');
  expect(unauthorized).toMatchObject({
    status: 401,
    body: { ok: false, error_code: 401, description: 'Unauthorized' },
  });
  expect((await post(`${telegram.url}/elsewhere`, '{}')).body).toEqual({
    ok: false,
    error_code: 404,
    description: 'Not Found',
  });
  expect((await post(`${telegram.url}/bot${bot.token}/makeTea`, '{}')).body).toEqual({
    ok: false,
    error_code: 404,
    description: 'Not Found: method not found',
  });
  expect((await post(`${telegram.url}/bot${bot.token}/sendMessage`, '{"chat_id"')).body).toMatchObject({
    error_code: 400,
  });
});

test('takes parameters from the query string, a form and JSON alike, and method names in any case', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot();
  const group = telegram.addGroup({ admins: [bot] });
  const base = `${telegram.url}/bot${bot.token}`;
  await fetch(`${base}/sendmessage?chat_id=${group.id}&text=query`);
  const form = new URLSearchParams({ chat_id: `${group.id}`, text: 'form', reply_parameters: '{"message_id":1}' });
  await post(`${base}/SENDMESSAGE`, `${form}`, 'application/x-www-form-urlencoded');
  await post(`${base}/sendMessage`, JSON.stringify({ chat_id: group.id, text: 'json' }));
  expect(group.messages.map(({ text }) => text)).toEqual(['query', 'form', 'json']);
  expect(group.messages[1]?.reply_to_message?.text).toBe('query');
  expect(telegram.calls.map(({ method, transport, status }) => [method, transport, status])).toEqual([
    ['sendMessage', 'query', 200],
    ['sendMessage', 'form', 200],
    ['sendMessage', 'json', 200],
  ]);
});

test('serves the test environment under /test as well', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot({ name: 'Warden' });
  const { body } = await post(`${telegram.url}/bot${bot.token}/test/getMe`, '');
  expect(body).toMatchObject({ ok: true, result: { id: bot.id, is_bot: true, username: 'warden_bot' } });
});

test('leaves nothing behind when stopped', async () => {
  const telegram = await startTelegram();
  const bot = telegram.addBot();
  const waiting = fetch(`${telegram.url}/bot${bot.token}/getUpdates?timeout=50`).catch((error: unknown) => error);
  await telegram.awaitPolling(bot);
  const { url } = telegram;
  await telegram.stop();
  expect(await waiting).toBeInstanceOf(Error);
  await expect(fetch(url)).rejects.toThrow();
});
