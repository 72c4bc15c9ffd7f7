import type { BotAccount, Message, Person, TelegramChat, TelegramServer } from '../../test/platforms/telegram/index.ts';

/** Called with each thing that somebody does, in words, before it happens. */
export type Narrator = (who: string, what: string) => Promise<void> | void;

/** A group in which somebody misbehaves, and a bot that keeps order in it. */
export interface Stage {
  readonly telegram: TelegramServer;
  readonly bot: BotAccount;
  readonly group: TelegramChat;
  readonly alice: Person;
  readonly bob: Person;
  readonly mallory: Person;
}

/** Makes the accounts and the group; nobody has said anything yet. */
export function setStage(telegram: TelegramServer): Stage {
  const bot = telegram.addBot({ name: 'Moderator' });
  const [alice, bob, mallory] = ['Alice', 'Bob', 'Mallory'].map((name) => telegram.addUser({ name })) as [
    Person,
    Person,
    Person,
  ];
  const group = telegram.addGroup({ title: 'Chess club', owner: alice, admins: [bot], members: [bob] });
  return { telegram, bot, group, alice, bob, mallory };
}

/**
 * Plays the scene through: every step waits for what the bot does about it.
 *
 * @throws {Error} when the bot does not do it within 10 s, or `signal` is aborted.
 */
export async function play(stage: Stage, narrate: Narrator, signal: AbortSignal): Promise<void> {
  const { telegram, bot, group, alice, bob, mallory } = stage;

  async function step(who: Person, what: string, act: () => unknown, reply?: string | RegExp): Promise<void> {
    signal.throwIfAborted();
    await narrate(who.user.first_name, what);
    const before = new Set(group.messages.map(({ message_id }) => message_id));
    act();
    if (reply !== undefined)
      await group.awaitMessage((message) => !before.has(message.message_id) && says(message, reply));
    await handled(telegram, bot);
  }

  await telegram.awaitPolling(bot);
  await step(alice, '/rules', () => alice.says(group, '/rules'), /^Rules/);
  await step(bob, 'Good evening, all', () => bob.says(group, 'Good evening, all'));
  await step(mallory, 'joins', () => mallory.joins(group), 'Welcome, @mallory! Please read the /rules.');
  const advert = 'Free coins: https://scam.example/coins';
  await step(mallory, advert, () => mallory.says(group, advert), /links are not welcome/);
  await step(alice, '/warn @mallory', () => alice.says(group, '/warn @mallory'), /warned \(1 of 3\)/);
  await step(mallory, '/ban @alice', () => mallory.says(group, '/ban @alice'), 'Only administrators may do that.');
  await step(alice, '/promote @bob', () => alice.says(group, '/promote @bob'), /is a moderator now/);
  const news = alice.says(group, 'Tournament on Saturday!');
  await step(bob, '/pin', () => bob.says(group, '/pin', { replyTo: news }));
  await step(bob, '/mute @mallory 5', () => bob.says(group, '/mute @mallory 5'), /is muted for 5 minutes/);
  await step(bob, '/ban @alice', () => bob.says(group, '/ban @alice'), 'Ban @alice for good?');
  await step(bob, 'presses [Ban], but Alice owns the group', () => bob.presses(latest(group), 'Ban'));
  await step(alice, '/ban @mallory', () => alice.says(group, '/ban @mallory'), 'Ban @mallory for good?');
  const question = latest(group);
  await step(alice, 'presses [Ban]', () => alice.presses(question, 'Ban'));
  await step(bob, '/warnings, privately, where nobody was warned', () => bob.says(bot, '/warnings'));
}

/** Waits until the bot has dealt with all it was sent and asks for more. */
async function handled(telegram: TelegramServer, bot: BotAccount): Promise<void> {
  await telegram.until(() => bot.queue.pending.length === 0 && bot.queue.polled, { what: 'the bot to be done' });
}

function latest(group: TelegramChat): Message {
  const message = group.messages.findLast(({ reply_markup }) => reply_markup !== undefined);
  if (!message) throw new Error('The bot has asked nothing');
  return message;
}

function says({ text = '' }: Message, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? text === expected : expected.test(text);
}
