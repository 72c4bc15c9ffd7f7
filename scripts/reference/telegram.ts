import type { AuditedModule } from '@botaudit/instrumentation';
import { GRAMMY_MODULES } from '@botaudit/instrumentation-grammy/modules';
import { TELEGRAF_MODULES } from '@botaudit/instrumentation-telegraf/modules';
import { METHODS, mapCall, mapUpdate, UPDATES } from '@botaudit/platform-telegram';
import { eventDefinition } from '@botaudit/record';
import { levelsSection } from './levels.ts';
import { code, heading, table } from './markdown.ts';

const BOT = { id: 'telegram:<bot>', platform: 'telegram', framework: '', attributes: {} };

/** Where each framework is hooked, for a reader; its versions come from what is patched. */
const FRAMEWORKS: readonly {
  readonly title: string;
  readonly folder: string;
  readonly modules: readonly AuditedModule[];
  readonly updates: string;
  readonly calls: string;
}[] = [
  {
    title: 'grammY',
    folder: 'instrumentation-grammy',
    modules: GRAMMY_MODULES,
    updates: '`Bot.handleUpdate`',
    calls: 'every `Api`, innermost of its transformers',
  },
  {
    title: 'Telegraf',
    folder: 'instrumentation-telegraf',
    modules: TELEGRAF_MODULES,
    updates: '`Telegraf.handleUpdate`',
    calls: '`callApi`, which every method of `Telegram` and `Context` ends in',
  },
];

function frameworkRow({ title, folder, modules, updates, calls }: (typeof FRAMEWORKS)[number]): string[] {
  const versions = modules.map(({ module, supported }) => `${code(module)} ≥ ${supported.from} < ${supported.below}`);
  return [`[${title}](../../packages/${folder})`, versions.join(', '), updates, calls];
}

/** Arguments with every id that a method may act upon. */
const EVERY_ID = Object.fromEntries(
  [
    ...[
      'chat_id',
      'user_id',
      'message_id',
      'message_thread_id',
      'sender_chat_id',
      'business_connection_id',
      'story_id',
    ],
    ...['name', 'owned_gift_id', 'file_id', 'telegram_payment_charge_id', 'ephemeral_message_id', 'draft_id'],
    ...['callback_query_id', 'inline_query_id', 'web_app_query_id', 'guest_query_id', 'chat_join_request_query_id'],
    ...['shipping_query_id', 'pre_checkout_query_id'],
  ].map((name) => [name, 1]),
);

/** What a method acts upon: by its type, where it has one. */
function targetOf(method: string): string {
  const action = mapCall(method, EVERY_ID, BOT);
  if (!action) return '–';
  if (action.sends) return 'message';
  return action.target?.type ?? eventDefinition(action.name)?.targetType ?? 'bot';
}

/** Methods of which no event says more than that they were called, and that they change something. */
function plainCalls(): string[] {
  return Object.keys(METHODS).filter((method) => {
    const action = mapCall(method, {}, BOT);
    return action?.name === 'bot.api.call' && action.action !== 'READ';
  });
}

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
  if (events.length === 0) return [code(method), '–', '–', '–', 'never: it is no action'];
  const definitions = events.map((name) => eventDefinition(name));
  const each = (of: (definition: NonNullable<(typeof definitions)[number]>) => string) =>
    [...new Set(definitions.map((definition) => (definition ? of(definition) : '')))].join(', ');
  return [
    code(method),
    events.map(code).join(', '),
    targetOf(method),
    each(({ risk }) => risk),
    each(({ written }) => written),
  ];
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

const said = (type: string, payload: object): object | undefined => mapUpdate({ [type]: payload }, 'a_bot').content?.();

/** Updates and calls that show what the levels above `metadata` hold; found by the mapping itself. */
function levels(): string {
  const file = { file_unique_id: 'x', file_name: 'x', mime_type: 'text/plain', file_size: 1 };
  const command = { text: '/a b', entities: [{ type: 'bot_command', offset: 0, length: 2 }] };
  return levelsSection({
    inbound: [
      ['a message, with a file', said('message', { caption: 'x', document: file })],
      ['a command', said('message', command)],
      ['a button, a reaction, a vote, a payment', said('callback_query', { data: 'x' })],
      ['an inline query', said('inline_query', { query: 'x' })],
    ],
    outbound: [
      ['a message', mapCall('sendMessage', { text: 'x' }, BOT)?.content?.()],
      ['a message with a file', mapCall('sendDocument', { caption: 'x', document: 'x' }, BOT)?.content?.()],
      ['a ban', mapCall('banChatMember', EVERY_ID, BOT)?.content?.()],
    ],
  });
}

export function telegramPage(): string {
  return [
    heading('What is recorded of Telegram', 'packages/platform-telegram/src'),
    'At the level `metadata`, a record holds ids: of the person, the bot, the chat, the thread, the message, the update, and ' +
      'what else the method acts upon. It holds no text, no names of people, and no other argument. It is the same for ' +
      'all of its frameworks.\n',
    '## Frameworks\n',
    table(['framework', 'versions', 'updates are seen at', 'calls are seen at'], FRAMEWORKS.map(frameworkRow)),
    '\nAlso where a framework has no method for it: what is called by the name of the Bot API is mapped by that name.\n',
    '## Updates\n',
    'What a person or the platform does. A command in any kind of message is `bot.command`; a service message (a join, a ' +
      'payment, a pinned message) is `bot.event` or `bot.activity`.\n',
    table(['update', 'event', 'written'], Object.keys(UPDATES).map(updateRow)),
    '\n## Methods\n',
    'What a bot does. Several events: the arguments decide, such as the permissions of `restrictChatMember`.\n',
    table(['method', 'event', 'target', 'risk', 'written'], Object.keys(METHODS).map(methodRow)),
    levels(),
    '\n## What has no event of its own\n',
    `These change something that the catalogue has no event for, and are recorded as \`bot.api.call\`: ${plainCalls().map(code).join(', ')}. ` +
      'So are calls that only read, with the verb `READ`.',
    '\nA method or update that is newer than these tables is recorded all the same, as `bot.api.call` or `bot.activity`.',
  ].join('\n');
}
