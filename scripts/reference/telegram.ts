import { METHODS, mapCall, mapUpdate, UPDATES } from '@botaudit/platform-telegram';
import { eventDefinition } from '@botaudit/record';
import { code, heading, table } from './markdown.ts';

const BOT = { id: 'telegram:<bot>', platform: 'telegram', framework: 'grammy', attributes: {} };

/** Arguments that show what else a method can mean. */
const VARIANTS: readonly Record<string, unknown>[] = [
  {},
  {
    permissions: {
      can_send_messages: true,
      can_send_audios: true,
      can_send_documents: true,
      can_send_photos: true,
      can_send_videos: true,
      can_send_video_notes: true,
      can_send_voice_notes: true,
      can_send_polls: true,
      can_send_other_messages: true,
      can_add_web_page_previews: true,
    },
  },
  { can_delete_messages: true },
  { ok: true },
  { ok: false },
  { result: { type: 'approve' } },
  { result: 'approve' },
  { result: 'decline' },
  { result: 'queue' },
];

function eventsOf(method: string): string[] {
  const names = VARIANTS.map((args) => mapCall(method, args, BOT)?.name);
  return [...new Set(names.filter((name) => name !== undefined))];
}

function methodRow(method: string): string[] {
  const events = eventsOf(method);
  if (events.length === 0) return [code(method), '–', '–', 'never: it is no action'];
  const definitions = events.map((name) => eventDefinition(name));
  const each = (of: (definition: NonNullable<(typeof definitions)[number]>) => string) =>
    [...new Set(definitions.map((definition) => (definition ? of(definition) : '')))].join(', ');
  return [code(method), events.map(code).join(', '), each(({ risk }) => risk), each(({ written }) => written)];
}

function updateRow(type: string): string[] {
  const plain = mapUpdate({ update_id: 1, [type]: {} }, 'a_bot').name;
  const command = { text: '/a', entities: [{ type: 'bot_command', offset: 0, length: 2 }] };
  const commanding = mapUpdate({ update_id: 1, [type]: command }, 'a_bot').name;
  const joined = mapUpdate({ update_id: 1, [type]: { new_chat_members: [{ id: 1 }] } }, 'a_bot').name;
  const names = [...new Set([commanding, plain, joined])];
  return [
    code(type),
    names.map(code).join(', '),
    [...new Set(names.map((name) => eventDefinition(name)?.written ?? ''))].join(', '),
  ];
}

export function telegramPage(): string {
  return [
    heading('What is recorded of Telegram', 'packages/platform-telegram/src'),
    'At the level `metadata`, a record holds ids: of the person, the bot, the chat, the thread, the message, the update, and ' +
      'what else the method acts upon. It holds no text, no names of people, and no other argument.\n',
    '## Updates\n',
    'What a person or the platform does. A command in any kind of message is `bot.command`; a service message (a join, a ' +
      'payment, a pinned message) is `bot.event` or `bot.activity`.\n',
    table(['update', 'event', 'written'], Object.keys(UPDATES).map(updateRow)),
    '\n## Methods\n',
    'What a bot does. Several events: the arguments decide, such as the permissions of `restrictChatMember`.\n',
    table(['method', 'event', 'risk', 'written'], Object.keys(METHODS).map(methodRow)),
    '\nA method or update that is newer than these tables is recorded all the same, as `bot.api.call` or `bot.activity`.',
  ].join('\n');
}
