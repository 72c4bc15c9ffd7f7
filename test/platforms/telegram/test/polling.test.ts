import { expect, test } from 'vitest';
import { connect, poll, startTelegram } from './start.ts';

test('a grammY bot polls, answers, and stops', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ name: 'Warden' });
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, members: [account] });
  const bot = connect(telegram, account);
  bot.command('hello', (ctx) => ctx.reply(`Hello, ${ctx.from?.first_name}, in ${ctx.chat.title}`));
  const running = bot.start();
  await telegram.awaitPolling(account);
  alice.says(group, '/hello');
  const reply = await group.awaitMessage((message) => message.from?.id === account.id);
  expect(reply.text).toBe('Hello, Alice, in Chat');
  await bot.stop();
  await running;
  expect(account.queue.pending).toEqual([]);
});

test('keeps updates until they are confirmed, in order and by offset and limit', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 500 });
  const alice = telegram.addUser({ name: 'Alice' });
  const { api } = connect(telegram, account);
  for (const text of ['one', 'two', 'three']) alice.says(account, text);
  expect((await api.getUpdates({ limit: 2 })).map((update) => update.update_id)).toEqual([500, 501]);
  expect((await api.getUpdates({ limit: 2 })).map((update) => update.update_id)).toEqual([500, 501]);
  expect((await api.getUpdates({ offset: 502 })).map(({ message }) => message?.text)).toEqual(['three']);
  expect(account.queue.pending).toHaveLength(1);
  for (const text of ['four', 'five']) alice.says(account, text);
  expect((await api.getUpdates({ offset: -1 })).map(({ message }) => message?.text)).toEqual(['five']);
  expect(account.queue.pending).toHaveLength(1);
});

test('a poll waits for an update, or gives up with none after its timeout', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const { api } = connect(telegram, account);
  expect(await api.getUpdates({ timeout: 1 })).toEqual([]);
  const waiting = api.getUpdates({ timeout: 50 });
  await telegram.awaitPolling(account);
  alice.says(account, 'one');
  alice.says(account, 'two');
  expect((await waiting).map(({ message }) => message?.text)).toEqual(['one', 'two']);
});

test('a second poller throws the first one out', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const { api } = connect(telegram, account);
  const first = api.getUpdates({ timeout: 50 });
  first.catch(() => undefined);
  await telegram.awaitPolling(account);
  await api.getUpdates();
  await expect(first).rejects.toMatchObject({
    error_code: 409,
    description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  });
});

test('sends reactions and member changes only to bots that asked for them', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const bob = telegram.addUser({ name: 'Bob' });
  const group = telegram.addGroup({ owner: alice, admins: [account] });
  const message = alice.says(group, 'Hello');
  alice.reacts(message, '👍');
  bob.joins(group);
  const { api } = connect(telegram, account);
  const kinds = async () => (await api.getUpdates()).map((update) => Object.keys(update)[1]);
  expect(await kinds()).toEqual(['message', 'message']);
  await api.getUpdates({ allowed_updates: ['message_reaction', 'chat_member'] });
  account.queue.clear();
  alice.reacts(message);
  bob.leaves(group);
  expect(await kinds()).toEqual(['message_reaction', 'chat_member']);
});

test('in privacy mode a bot hears commands, replies to it and what happens, and nothing else', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot({ username: 'warden_bot' });
  const other = telegram.addBot({ username: 'other_bot' });
  const alice = telegram.addUser({ name: 'Alice' });
  const bob = telegram.addUser({ name: 'Bob' });
  const group = telegram.addGroup({ owner: alice, members: [account, other] });
  const own = await connect(telegram, account).api.sendMessage(group.id, 'I am here');
  alice.says(group, 'chatter');
  alice.says(group, '/rules');
  alice.says(group, '/rules@other_bot');
  alice.says(group, '/rules@warden_bot');
  alice.says(group, 'thanks', { replyTo: group.message(own.message_id) });
  bob.joins(group);
  const heard = account.queue.pending.map(({ message }) => message?.text ?? 'service');
  expect(heard).toEqual(['/rules', '/rules@warden_bot', 'thanks', 'service']);
});

test('an error of a handler reaches bot.catch and polling goes on', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const alice = telegram.addUser({ name: 'Alice' });
  const bot = connect(telegram, account);
  const caught: string[] = [];
  bot.catch(({ error }) => {
    caught.push((error as Error).message);
  });
  bot.command('fail', () => {
    throw new Error('broken');
  });
  bot.command('work', (ctx) => ctx.reply('done'));
  await poll(telegram, account, bot);
  const chat = telegram.world.openDialogue(account.user, alice.user);
  alice.says(account, '/fail');
  alice.says(account, '/work');
  await chat.awaitMessage(({ text }) => text === 'done');
  expect(caught).toEqual(['broken']);
});
