import { expect, test } from 'vitest';
import { connect, startTelegram } from './start.ts';

async function moderated() {
  const telegram = await startTelegram();
  const account = telegram.addBot({ name: 'Warden' });
  const alice = telegram.addUser({ name: 'Alice' });
  const mallory = telegram.addUser({ name: 'Mallory' });
  const group = telegram.addGroup({ owner: alice, admins: [account], members: [mallory] });
  account.queue.allow(['chat_member', 'message', 'my_chat_member', 'chat_join_request']);
  return { telegram, account, alice, mallory, group, api: connect(telegram, account).api };
}

test('a ban throws out, keeps out, and is told to administrators; unbanning lets in again', async () => {
  const { api, group, mallory, account } = await moderated();
  const message = mallory.says(group, 'spam');
  await api.banChatMember(group.id, mallory.id, { revoke_messages: true });
  expect(group.message(message.message_id)).toBeUndefined();
  expect(await api.getChatMember(group.id, mallory.id)).toMatchObject({ status: 'kicked', until_date: 0 });
  expect(() => mallory.says(group, 'more spam')).toThrow('@mallory is not in Chat');
  expect(() => mallory.joins(group)).toThrow('@mallory is banned from Chat');
  expect(account.queue.pending.map((update) => update.chat_member?.new_chat_member.status)).toContain('kicked');
  await api.unbanChatMember(group.id, mallory.id, { only_if_banned: true });
  mallory.joins(group);
  expect(await api.getChatMemberCount(group.id)).toBe(3);
});

test('a restriction mutes until it runs out, and lifting it gives back all', async () => {
  const { api, group, mallory } = await moderated();
  await api.restrictChatMember(group.id, mallory.id, { can_send_messages: false });
  expect(await api.getChatMember(group.id, mallory.id)).toMatchObject({ status: 'restricted', is_member: true });
  expect(() => mallory.says(group, 'hmpf')).toThrow('@mallory may not write in Chat');
  await api.restrictChatMember(group.id, mallory.id, {
    can_send_messages: true,
    can_send_polls: true,
    can_send_other_messages: true,
    can_add_web_page_previews: true,
    can_invite_users: true,
    can_react_to_messages: true,
  });
  expect(await api.getChatMember(group.id, mallory.id)).toMatchObject({ status: 'member' });
  mallory.says(group, 'sorry');
});

test('promotes, gives titles and demotes', async () => {
  const { api, group, mallory } = await moderated();
  await api.promoteChatMember(group.id, mallory.id, { can_pin_messages: true });
  await api.setChatAdministratorCustomTitle(group.id, mallory.id, 'Janitor');
  expect(await api.getChatMember(group.id, mallory.id)).toMatchObject({
    status: 'administrator',
    can_pin_messages: true,
    can_restrict_members: false,
    custom_title: 'Janitor',
  });
  await expect(api.banChatMember(group.id, mallory.id)).rejects.toThrow('user is an administrator of the chat');
  await api.promoteChatMember(group.id, mallory.id, {});
  expect(await api.getChatMember(group.id, mallory.id)).toMatchObject({ status: 'member' });
});

test('refuses what Telegram refuses, in its words', async () => {
  const { telegram, api, group, alice, mallory, account } = await moderated();
  const stranger = telegram.addUser({ name: 'Stranger' });
  const powerless = telegram.addBot({ name: 'Powerless' });
  const basic = telegram.addBasicGroup({ admins: [account], members: [mallory] });
  const elsewhere = telegram.addGroup({ title: 'Elsewhere' });
  const known = connect(telegram, powerless).api;
  await expect(api.banChatMember(group.id, alice.id)).rejects.toThrow("can't remove chat owner");
  await expect(api.banChatMember(group.id, account.id)).rejects.toThrow("can't restrict self");
  await expect(api.banChatMember(group.id, 1)).rejects.toThrow('user not found');
  await expect(api.promoteChatMember(group.id, stranger.id)).rejects.toThrow('USER_NOT_PARTICIPANT');
  await expect(api.restrictChatMember(basic.id, mallory.id, {})).rejects.toThrow('available only for supergroups');
  await expect(api.sendMessage(elsewhere.id, 'x')).rejects.toThrow('bot is not a member of the supergroup chat');
  await expect(api.sendMessage(-1, 'x')).rejects.toThrow('400: Bad Request: chat not found');
  await expect(api.sendMessage(stranger.id, 'x')).rejects.toThrow('chat not found');
  await expect(api.sendMessage(alice.id, 'x')).rejects.toThrow(
    "403: Forbidden: bot can't initiate conversation with a user",
  );
  await expect(api.sendMessage(powerless.id, 'x')).rejects.toThrow("bots can't send messages to bots");
  alice.adds(group, powerless);
  await expect(known.banChatMember(group.id, mallory.id)).rejects.toThrow('not enough rights');
  alice.bans(group, powerless);
  await expect(known.sendMessage(group.id, 'x')).rejects.toThrow('bot was kicked from the supergroup chat');
});

test('a person who blocks the bot hears no more of it', async () => {
  const { api, alice, account } = await moderated();
  alice.says(account, '/start');
  await api.sendMessage(alice.id, 'Welcome');
  alice.blocks(account);
  await expect(api.sendMessage(alice.id, 'Hello?')).rejects.toThrow('403: Forbidden: bot was blocked by the user');
  alice.unblocks(account);
  await api.sendMessage(alice.id, 'Welcome back');
  const statuses = account.queue.pending.map(({ my_chat_member }) => my_chat_member?.new_chat_member.status);
  expect(statuses.filter(Boolean)).toEqual(['kicked', 'member']);
});

test('requests to join wait for the bot’s word', async () => {
  const { telegram, api, group, account } = await moderated();
  const petra = telegram.addUser({ name: 'Petra' });
  await api.createChatInviteLink(group.id, { creates_join_request: true });
  petra.asksToJoin(group);
  expect(account.queue.pending.at(-1)?.chat_join_request?.from.id).toBe(petra.id);
  await api.approveChatJoinRequest(group.id, petra.id);
  petra.says(group, 'Thank you');
  await expect(api.declineChatJoinRequest(group.id, petra.id)).rejects.toThrow('HIDE_REQUESTER_MISSING');
});
