import type { Message } from 'grammy/types';
import type { BotAccount } from '../bot-account.ts';
import type { TelegramChat } from '../chat.ts';
import type { StoredFile } from '../files.ts';
import type { Person } from '../person.ts';
import type { QueryKind } from '../queries.ts';
import type { TelegramServer } from '../server.ts';

/** A forum, a channel and a few people, with something in them for every method to act on. */
export interface Scene {
  readonly bot: BotAccount;
  readonly alice: Person;
  readonly mallory: Person;
  /** Not in the forum yet, but has asked to be. */
  readonly petra: Person;
  /** An administrator whom the bot has appointed. */
  readonly deputy: Person;
  readonly forum: TelegramChat;
  readonly channel: TelegramChat;
  readonly dialogue: TelegramChat;
  /** What Alice wrote in the forum. */
  readonly written: Message;
  /** What the bot wrote there, with a button. */
  readonly own: Message;
  readonly photo: Message;
  readonly poll: Message;
  readonly game: Message;
  readonly place: Message;
  readonly checklist: Message;
  readonly file: StoredFile;
  /** A topic that is open, and one that is closed. */
  readonly topics: { readonly open: number; readonly closed: number };
  readonly inviteLink: string;
  readonly chargeId: string;
  /** The id of a question that waits for the bot's answer. */
  asked(kind: QueryKind): string;
}

/** Makes a scene of its own, so that what one call does is nothing to the next. */
export function makeScene(telegram: TelegramServer, bot: BotAccount): Scene {
  const { world } = telegram;
  const [alice, mallory, petra, deputy] = ['Alice', 'Mallory', 'Petra', 'Deputy'].map((name) =>
    telegram.addUser({ name, username: null }),
  ) as [Person, Person, Person, Person];
  const forum = telegram.addGroup({
    title: 'Forum',
    owner: alice,
    admins: [bot, deputy],
    members: [mallory],
    forum: true,
  });
  const channel = telegram.addChannel({ title: 'News', owner: alice, admins: [bot] });
  const dialogue = world.openDialogue(bot.user, alice.user);
  const file = world.files.add({ name: 'cat.jpg', mimeType: 'image/jpeg', data: Buffer.from('cat') }, 'photos');
  const id = { file_id: file.fileId, file_unique_id: file.uniqueId };
  const written = alice.says(forum, 'Hello, this is Alice');
  const own = forum.post(bot.user, {
    text: 'Choose',
    reply_markup: { inline_keyboard: [[{ text: 'One', callback_data: 'one' }]] },
  });
  forum.pinned.push(written.message_id);
  forum.topics.set(101, { message_thread_id: 101, name: 'Open', icon_color: 0x6fb9f0, closed: false });
  forum.topics.set(102, { message_thread_id: 102, name: 'Closed', icon_color: 0x6fb9f0, closed: true });
  const inviteLink = 'https://t.me/+example';
  forum.inviteLinks.set(inviteLink, {
    invite_link: inviteLink,
    creator: bot.user,
    creates_join_request: true,
    is_primary: false,
    is_revoked: false,
  });
  petra.asksToJoin(forum);
  return {
    ...{ bot, alice, mallory, petra, deputy, forum, channel, dialogue, written, own, file, inviteLink },
    photo: forum.post(bot.user, { photo: [{ ...id, width: 10, height: 10 }], caption: 'A cat' }),
    poll: forum.post(bot.user, {
      poll: {
        id: world.uniqueId(),
        question: 'Tea?',
        options: [],
        total_voter_count: 0,
        is_closed: false,
        is_anonymous: false,
        type: 'regular',
        allows_multiple_answers: false,
        allows_revoting: false,
        members_only: false,
      },
    }),
    game: forum.post(bot.user, {
      game: {
        title: 'Chess',
        description: 'Chess',
        photo: [],
        text: '',
        text_entities: [],
        animation: { ...id, width: 1, height: 1, duration: 1 },
      },
    }),
    place: forum.post(bot.user, { location: { latitude: 48, longitude: 16, live_period: 600 } }),
    checklist: forum.post(bot.user, { checklist: { title: 'To do', tasks: [{ id: 1, text: 'Sleep' }] } }),
    topics: { open: 101, closed: 102 },
    chargeId: charge(telegram, bot, alice, dialogue),
    asked: (kind) => world.queries.ask({ kind, bot, from: alice.user }).id,
  };
}

function charge({ world }: TelegramServer, bot: BotAccount, person: Person, chat: TelegramChat): string {
  const id = `stx${world.uniqueId()}`;
  const payment = {
    currency: 'XTR',
    total_amount: 5,
    invoice_payload: 'tea',
    telegram_payment_charge_id: id,
    provider_payment_charge_id: id,
  };
  world.payments.take({ id, bot, user: person.user, chat, payment, date: world.now, refunded: false });
  return id;
}
