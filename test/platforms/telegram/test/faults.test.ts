import { GrammyError, HttpError } from 'grammy';
import { expect, test } from 'vitest';
import { connect, startTelegram } from './start.ts';

async function fragile() {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const group = telegram.addGroup({ admins: [account] });
  return { telegram, account, group, api: connect(telegram, account).api };
}

test('a planned error hits the next call of its method and no other', async () => {
  const { telegram, group, api } = await fragile();
  telegram.failNext('sendMessage', { error_code: 429, retry_after: 3 });
  await api.getMe();
  const error = await api.sendMessage(group.id, 'x').catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(GrammyError);
  expect(error).toMatchObject({
    error_code: 429,
    description: 'Too Many Requests: retry after 3',
    parameters: { retry_after: 3 },
  });
  await api.sendMessage(group.id, 'y');
  expect(group.messages.map(({ text }) => text)).toEqual(['y']);
  expect(telegram.calls.map(({ method, status }) => [method, status])).toEqual([
    ['getMe', 200],
    ['sendMessage', 429],
    ['sendMessage', 200],
  ]);
});

test('a connection is reset before the call took effect, or after', async () => {
  const { telegram, group, api } = await fragile();
  telegram.failNext('sendMessage', { reset: 'before' });
  await expect(api.sendMessage(group.id, 'lost')).rejects.toBeInstanceOf(HttpError);
  telegram.failNext('sendMessage', { reset: 'after' });
  await expect(api.sendMessage(group.id, 'sent')).rejects.toBeInstanceOf(HttpError);
  expect(group.messages.map(({ text }) => text)).toEqual(['sent']);
});

test('something else answers, or the answer is late, for as many calls as planned', async () => {
  const { telegram, group, api } = await fragile();
  telegram.failNext('*', { status: 502, body: '<html>Bad Gateway</html>' }, { times: 2 });
  await expect(api.sendMessage(group.id, 'x')).rejects.toBeInstanceOf(HttpError);
  await expect(api.getMe()).rejects.toBeInstanceOf(HttpError);
  telegram.failNext('getMe', { delayMs: 60 });
  const started = performance.now();
  await api.getMe();
  expect(performance.now() - started).toBeGreaterThan(50);
});
