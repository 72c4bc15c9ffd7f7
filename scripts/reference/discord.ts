import { botScope } from '@botaudit/instrumentation';
import { DISCORDJS_MODULES } from '@botaudit/instrumentation-discord.js/modules';
import { EVENTS, mapDispatch, mapRequest, READING, ROUTES } from '@botaudit/platform-discord';
import { eventDefinition } from '@botaudit/record';
import { levelsSection } from './levels.ts';
import { code, heading, table } from './markdown.ts';

const BOT = botScope('', 'discord', 'discord:<bot>');

function frameworkRow(): string[] {
  const versions = DISCORDJS_MODULES.map(
    ({ module, supported }) => `${code(module)} ≥ ${supported.from} < ${supported.below}`,
  );
  return [
    '[discord.js](../../packages/instrumentation-discord.js)',
    versions.join(', '),
    '`WebSocketManager.handlePacket`, which everything that a client knows of comes through',
    '`REST.request`, which every method of discord.js ends in, and `REST.queueRequest`',
  ];
}

/** What else an event can be, by what stands in it. */
const PAYLOADS: readonly object[] = [
  {},
  ...[2, 3, 4, 5].map((type) => ({ type, data: { name: 'a' } })),
  { type: 0 },
  { type: 7 },
  { newly_created: true },
];

function eventRow(type: string): string[] {
  const events = PAYLOADS.map((d) => mapDispatch({ t: type, d })).filter((event) => event !== undefined);
  if (events.length === 0) return [code(type), '–', '–', 'never: nobody does it'];
  const names = [...new Set(events.map(({ name }) => name))];
  const written = [...new Set(names.map((name) => eventDefinition(name)?.written ?? ''))];
  const verbs = [...new Set(events.map(({ name, action }) => action ?? eventDefinition(name)?.verb ?? ''))];
  return [code(type), names.map(code).join(', '), verbs.join(', '), written.join(', ')];
}

/** Bodies that show what else a request can mean. */
const BODIES: readonly object[] = [
  {},
  { communication_disabled_until: '2030-01-01T00:00:00Z' },
  { communication_disabled_until: null },
  { roles: [] },
  { suppress: true },
  { suppress: false },
  { allow: '1', type: 1 },
  { type: 4 },
  { type: 7 },
];

function mappedTo(route: string) {
  const [method = '', path = ''] = route.split(' ');
  const fullRoute = path.replaceAll(/:\w+/g, '1');
  const actions = BODIES.map((body) => mapRequest({ method, fullRoute, body }, BOT));
  return actions.filter((action) => action !== undefined);
}

function routeRow(route: string): string[] {
  const actions = mappedTo(route);
  if (actions.length === 0) return [code(route), '–', '–', '–', '–', 'never: it is no action'];
  const names = [...new Set(actions.map(({ name }) => name))];
  const each = (of: (name: string) => string | undefined) =>
    [...new Set(names.map((name) => of(name) ?? ''))].join(', ');
  const targets = actions.map(({ name, makes, target }) => makes ?? target?.type ?? eventDefinition(name)?.targetType);
  return [
    code(route),
    names.map(code).join(', '),
    [...new Set(actions.map(({ name, action }) => action ?? eventDefinition(name)?.verb ?? ''))].join(', '),
    [...new Set(targets)].join(', '),
    each((name) => eventDefinition(name)?.risk),
    each((name) => eventDefinition(name)?.written),
  ];
}

/** Routes of which no event says more than that they were called, and that they change something. */
function plainCalls(): string[] {
  return Object.keys(ROUTES).filter((route) => {
    const actions = mappedTo(route);
    return actions.length > 0 && actions.every(({ name }) => name === 'bot.api.call');
  });
}

const said = (t: string, d: object): object | undefined => mapDispatch({ t, d })?.content?.();
const sent = (route: string, more: object): object | undefined =>
  mapRequest({ method: 'POST', fullRoute: route, ...more }, BOT)?.content?.();

/** Events and requests that show what the levels above `metadata` hold; found by the mapping itself. */
function levels(): string {
  const field = { components: [{ custom_id: 'x', value: 'x' }] };
  return levelsSection({
    inbound: [
      ['a message, with a file', said('MESSAGE_CREATE', { content: 'x', attachments: [{ id: '1', filename: 'x' }] })],
      ['a command with options', said('INTERACTION_CREATE', { type: 2, data: { options: [{ name: 'x', value: 1 }] } })],
      ['a button, a menu', said('INTERACTION_CREATE', { type: 3, data: { component_type: 2, custom_id: 'x' } })],
      ['a form', said('INTERACTION_CREATE', { type: 5, data: { components: [field] } })],
      ['a reaction, a vote', said('MESSAGE_REACTION_ADD', { emoji: { name: 'x' } })],
    ],
    outbound: [
      [
        'a message, with a file',
        sent('/channels/1/messages', { body: { content: 'x' }, files: [{ name: 'x', data: 'x' }] }),
      ],
      ['a ban', sent('/guilds/1/bulk-ban', { body: { user_ids: ['1'] } })],
    ],
  });
}

export function discordPage(): string {
  return [
    heading('What is recorded of Discord', 'packages/platform-discord/src'),
    'At the level `metadata`, a record holds ids: of the person, the bot, the guild, the channel, the message, the ' +
      'interaction, and what else is acted upon; the names of commands and of their options, and those of their values ' +
      'that are ids; the reason that is given for the guild’s audit log. It holds no text, no names of people, no custom ' +
      'ids, and no token.\n',
    '## Frameworks\n',
    table(['framework', 'versions', 'events are seen at', 'requests are seen at'], [frameworkRow()]),
    '\n## Events of the gateway\n',
    'What a person or the platform does. Who did it is `anonymous` where the gateway does not tell: that stands in ' +
      '`GUILD_AUDIT_LOG_ENTRY_CREATE` alone, for which a bot needs the right to see the audit log. `bot.chat.id` is the ' +
      'channel, or the guild where there is none.\n',
    table(['event of the gateway', 'event', 'verb', 'written'], Object.keys(EVENTS).map(eventRow)),
    '\n`GUILD_CREATE` is recorded when the bot was added to a guild, not when it is told of those that it is in; ' +
      '`GUILD_DELETE` when it has left one, not when one can’t be reached.\n',
    '## Routes of the API\n',
    'What a bot does. Several events: the body decides, such as whether a member is timed out or renamed. What is created ' +
      'is known by the answer; until then, and where it fails, the target is where it was to be created.\n',
    table(['route', 'event', 'verb', 'target', 'risk', 'written'], Object.keys(ROUTES).map(routeRow)),
    levels(),
    '\n## What has no event of its own\n',
    `These change something that the catalogue has no event for, and are recorded as \`bot.api.call\`: ${plainCalls().map(code).join(', ')}.`,
    `\nSo are those that only read, with the verb \`READ\`: ${READING.map(code).join(', ')}.`,
    '\nAn event or a route that is newer than these tables is recorded all the same, as `bot.activity` or `bot.api.call`.',
  ].join('\n');
}
