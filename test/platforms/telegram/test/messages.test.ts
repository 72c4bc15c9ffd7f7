import { InlineKeyboard } from 'grammy';
import { expect, test } from 'vitest';
import { connect, poll, startTelegram } from './start.ts';

async function talking() {
  const telegram = await startTelegram();
  const account = telegram.addBot({ name: 'Warden' });
  const alice = telegram.addUser({ name: 'Alice' });
  const group = telegram.addGroup({ owner: alice, admins: [account] });
  return { telegram, account, alice, group, bot: connect(telegram, account) };
}

test('buttons ask the bot, and its answer comes back to who pressed', async () => {
  const { telegram, account, alice, group, bot } = await talking();
  bot.command('menu', (ctx) =>
    ctx.reply('Tea?', { reply_markup: new InlineKeyboard().text('Yes', 'tea:yes').text('No', 'tea:no') }),
  );
  bot.callbackQuery('tea:yes', async (ctx) => {
    await ctx.answerCallbackQuery({ text: 'Coming' });
    await ctx.editMessageText('Tea it is');
  });
  await poll(telegram, account, bot);
  alice.says(group, '/menu');
  const menu = await group.awaitMessage(({ text }) => text === 'Tea?');
  expect(await alice.presses(menu, 'Yes').answered()).toMatchObject({ text: 'Coming' });
  const edited = await group.awaitMessage(({ text }) => text === 'Tea it is');
  expect(edited.reply_markup).toBeUndefined();
  expect(() => alice.presses(edited, 'Yes')).toThrow('has no button "Yes"');
});

test('edits, deletions and pins have their effects, and their errors', async () => {
  const { alice, group, bot } = await talking();
  const { api } = bot;
  const own = await api.sendMessage(group.id, 'one');
  const hers = alice.says(group, 'https://spam.example');
  expect(hers.entities).toEqual([{ type: 'url', offset: 0, length: 20 }]);
  await api.editMessageText(group.id, own.message_id, 'two');
  await expect(api.editMessageText(group.id, own.message_id, 'two')).rejects.toThrow('message is not modified');
  await expect(api.editMessageText(group.id, hers.message_id, 'x')).rejects.toThrow("message can't be edited");
  await api.pinChatMessage(group.id, own.message_id);
  expect((await api.getChat(group.id)).pinned_message?.text).toBe('two');
  await api.deleteMessage(group.id, hers.message_id);
  await expect(api.deleteMessage(group.id, hers.message_id)).rejects.toThrow('message to delete not found');
  await expect(api.sendMessage(group.id, 'x', { reply_parameters: { message_id: hers.message_id } })).rejects.toThrow(
    'message to be replied not found',
  );
  await api.unpinAllChatMessages(group.id);
  await expect(api.unpinChatMessage(group.id)).rejects.toThrow('message to unpin not found');
});

test('markup becomes entities, and broken markup an error', async () => {
  const { group, bot } = await talking();
  const { api } = bot;
  const html = await api.sendMessage(group.id, 'a <b>bold <i>both</i></b> &lt;<a href="https://x.org">link</a>', {
    parse_mode: 'HTML',
  });
  expect(html.text).toBe('a bold both <link');
  expect(html.entities).toEqual([
    { type: 'bold', offset: 2, length: 9 },
    { type: 'italic', offset: 7, length: 4 },
    { type: 'text_link', offset: 13, length: 4, url: 'https://x.org' },
  ]);
  const markdown = await api.sendMessage(group.id, '*bold* __under__ `a_b` [link](https://x.org) 1\\.5', {
    parse_mode: 'MarkdownV2',
  });
  expect(markdown.text).toBe('bold under a_b link 1.5');
  expect(markdown.entities?.map(({ type }) => type)).toEqual(['bold', 'underline', 'code', 'text_link']);
  const refused = (text: string, parse_mode: 'HTML' | 'MarkdownV2') =>
    expect(api.sendMessage(group.id, text, { parse_mode })).rejects;
  await refused('<b>open', 'HTML').toThrow('can\'t parse entities: Can\'t find end tag corresponding to start tag "b"');
  await refused('*open', 'MarkdownV2').toThrow("Can't find end of the entity starting at byte offset 0");
  await refused('a.b', 'MarkdownV2').toThrow("Character '.' is reserved and must be escaped");
  await expect(api.sendMessage(group.id, '  ')).rejects.toThrow('message text is empty');
});

test('people’s edits are told; channel posts come as such; votes and inline questions reach the bot', async () => {
  const { telegram, account, alice, bot, group } = await talking();
  const channel = telegram.addChannel({ title: 'News', owner: alice, admins: [account] });
  alice.edits(alice.says(group, 'helo'), 'hello');
  alice.says(channel, 'News');
  const poll = await bot.api.sendPoll(group.id, 'Tea?', [{ text: 'Yes' }, { text: 'No' }], { is_anonymous: false });
  alice.votes(group.message(poll.message_id) ?? poll, 1);
  const asked = alice.asksInline(account, 'tea');
  await bot.api.answerInlineQuery(asked.query.id, []);
  await asked.answered();
  expect(account.queue.pending.map((update) => Object.keys(update)[1])).toEqual([
    'message',
    'edited_message',
    'channel_post',
    'poll_answer',
    'inline_query',
  ]);
});

test('forwards name their origin, copies do not', async () => {
  const { telegram, account, alice, group, bot } = await talking();
  const archive = telegram.addGroup({ title: 'Archive', admins: [account] });
  const { message_id } = alice.says(group, 'Remember this');
  const forwarded = await bot.api.forwardMessage(archive.id, group.id, message_id);
  expect(forwarded.forward_origin).toMatchObject({ type: 'user', sender_user: { id: alice.id } });
  const copied = await bot.api.copyMessage(archive.id, group.id, message_id);
  expect(archive.message(copied.message_id)).toMatchObject({ text: 'Remember this', from: { id: account.id } });
  expect(archive.message(copied.message_id)?.forward_origin).toBeUndefined();
});
