import type {
  Contact,
  Dice,
  InputChecklist,
  InputPollOption,
  Location,
  Message,
  Poll,
  RichMessage,
  Venue,
} from 'grammy/types';
import { type Call, chatOfCall, type Handlers, keyboardOf, postOptions, requireVoice } from '../call.ts';
import type { Content } from '../chat.ts';
import { badRequest } from '../errors.ts';
import { formattedText } from '../markup.ts';

/** How many faces the emoji that roll have. */
const FACES: Readonly<Record<string, number>> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 };

/** Posts what a call describes, as the bot. */
export function postAsBot<C extends Content>(call: Call, content: C): Message & C {
  const chat = chatOfCall(call);
  requireVoice(chat, call, 'can_send_messages', 'text messages');
  const options = postOptions(call, chat);
  return chat.post(call.bot.user, { ...content, ...keyboardOf(call), ...protection(call) }, options);
}

export function protection({ args }: Call): { has_protected_content?: true } {
  return args.flag('protect_content') ? { has_protected_content: true } : {};
}

/**
 * The text of a call, not empty and not too long.
 *
 * @throws {BotApiError} 400 otherwise.
 */
export function textContent({ args }: Call): { text: string } & Pick<Message, 'entities'> {
  const { text, entities } = formattedText(args, 'text');
  if (text.trim() === '') throw badRequest('message text is empty');
  if (text.length > 4096) throw badRequest('message is too long');
  return { text, ...(entities.length > 0 && { entities }) };
}

export function locationOf({ args }: Call): Location {
  const latitude = args.number('latitude');
  const longitude = args.number('longitude');
  if (latitude === undefined) throw badRequest('latitude is empty');
  if (longitude === undefined) throw badRequest('longitude is empty');
  const live = args.integer('live_period');
  return { latitude, longitude, ...(live !== undefined && { live_period: live }) };
}

export function checklistOf({ args }: Call): NonNullable<Message['checklist']> {
  const input = args.json<InputChecklist>('checklist');
  if (!input) throw badRequest("checklist isn't specified");
  return { title: input.title, tasks: input.tasks.map(({ id, text }) => ({ id, text })) };
}

function pollOf(call: Call): Poll {
  const { args, world } = call;
  const question = formattedText(args, 'question').text;
  const options = args.json<(string | InputPollOption)[]>('options') ?? [];
  if (question === '') throw badRequest('poll question must be non-empty');
  if (options.length < 2) throw badRequest('poll must have at least 2 option');
  return {
    id: world.uniqueId(),
    question,
    options: options.map((option, index) => ({
      persistent_id: `${index}`,
      text: typeof option === 'string' ? option : option.text,
      voter_count: 0,
    })),
    total_voter_count: 0,
    is_closed: args.flag('is_closed'),
    is_anonymous: args.has('is_anonymous') ? args.flag('is_anonymous') : true,
    type: args.text('type') === 'quiz' ? 'quiz' : 'regular',
    allows_multiple_answers: args.flag('allows_multiple_answers'),
    allows_revoting: args.flag('allows_revoting'),
    members_only: args.flag('members_only'),
  };
}

/** What is sent without a file. */
export const textMethods: Handlers<
  | 'sendMessage'
  | 'sendRichMessage'
  | 'sendMessageDraft'
  | 'sendRichMessageDraft'
  | 'sendChatAction'
  | 'sendLocation'
  | 'sendVenue'
  | 'sendContact'
  | 'sendPoll'
  | 'sendChecklist'
  | 'sendDice'
  | 'sendGame'
> = {
  sendMessage: (call) => postAsBot(call, textContent(call)),

  sendRichMessage(call) {
    const input = call.args.json<RichMessage>('rich_message');
    if (!input) throw badRequest("rich message isn't specified");
    return postAsBot(call, { rich_message: { ...input, blocks: input.blocks ?? [] } });
  },

  sendMessageDraft(call) {
    chatOfCall(call);
    return true;
  },

  sendRichMessageDraft(call) {
    chatOfCall(call);
    return true;
  },

  sendChatAction(call) {
    if (!call.args.has('action')) throw badRequest('wrong parameter action in request');
    chatOfCall(call);
    return true;
  },

  sendLocation: (call) => postAsBot(call, { location: locationOf(call) }),

  sendVenue(call) {
    const { args } = call;
    const location = locationOf(call);
    const venue: Venue = { location, title: args.text('title'), address: args.text('address') };
    return postAsBot(call, { venue, location });
  },

  sendContact(call) {
    const { args } = call;
    if (!args.has('phone_number') || !args.has('first_name')) throw badRequest('phone number or first name is empty');
    const contact: Contact = { phone_number: args.text('phone_number'), first_name: args.text('first_name') };
    return postAsBot(call, { contact });
  },

  sendPoll: (call) => postAsBot(call, { poll: pollOf(call) }),

  sendChecklist: (call) => postAsBot(call, { checklist: checklistOf(call) }),

  sendDice(call) {
    const emoji = call.args.text('emoji') || '🎲';
    const dice: Dice = { emoji, value: 1 + Math.floor(Math.random() * (FACES[emoji] ?? 6)) };
    return postAsBot(call, { dice });
  },

  sendGame(call) {
    const title = call.args.text('game_short_name');
    if (title === '') throw badRequest('wrong game short name specified');
    const game = { title, description: title, photo: [], text: '', text_entities: [] };
    return postAsBot(call, { game: game as unknown as NonNullable<Message['game']> });
  },
};
