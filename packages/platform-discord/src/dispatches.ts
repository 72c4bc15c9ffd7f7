import { type InboundEvent, read, readId } from '@botaudit/instrumentation';
import {
  ATTR_BOT_CHAT_ID,
  ATTR_BOT_CHAT_TYPE,
  ATTR_BOT_COMMAND_NAME,
  ATTR_BOT_UPDATE_ID,
  ATTR_BOT_UPDATE_TYPE,
} from '@botaudit/record';
import { dispatchContent } from './content.js';
import { EVENTS, unheardOf } from './events.js';
import { discordId, readSnowflake } from './ids.js';
import type { Mapping } from './meaning.js';

/** As people call them, by `ChannelType`. */
const CHANNEL_TYPES: Readonly<Record<string, string>> = {
  0: 'text',
  1: 'dm',
  2: 'voice',
  3: 'group_dm',
  4: 'category',
  5: 'announcement',
  10: 'thread',
  11: 'thread',
  12: 'thread',
  13: 'stage',
  14: 'directory',
  15: 'forum',
  16: 'media',
};

const TYPE = /^[A-Z_]{1,64}$/;

/**
 * Maps what the gateway dispatches, `{t, d}`, to the event that it is. Never throws, whatever it looks like.
 *
 * @param self the bot that it is dispatched to, `discord:<id>`: what that did itself it is told, too.
 * @returns `undefined` for what nobody does, such as signs of presence, and what keeps the connection.
 */
export function mapDispatch(packet: unknown, self?: string): InboundEvent | undefined {
  const type = readId(packet, 't');
  if (type === undefined || !TYPE.test(type)) return undefined;
  const map: Mapping = isKnown(type) ? EVENTS[type] : unheardOf;
  if (!map) return undefined;
  const payload = read(packet, 'd');
  // A guild that can't be reached for a while has not been left.
  if (type === 'GUILD_DELETE' && read(payload, 'unavailable') === true) return undefined;
  const meaning = map(payload);
  const channel = meaning.channel ?? readSnowflake(payload, 'channel_id');
  const guild = readSnowflake(payload, 'guild_id') ?? (meaning.target?.type === 'guild' ? own(payload) : undefined);
  const chatType = readId(meaning.chatType);
  return {
    name: meaning.name,
    action: meaning.action,
    actor: meaning.actor.id === self ? { id: self, type: 'service' } : meaning.actor,
    target: meaning.target,
    reason: meaning.reason,
    timestamp: dateOf(meaning.date),
    attributes: {
      [ATTR_BOT_UPDATE_ID]: meaning.id,
      [ATTR_BOT_UPDATE_TYPE]: type,
      [ATTR_BOT_CHAT_ID]: channel ?? guild,
      [ATTR_BOT_CHAT_TYPE]: typeOf(chatType, channel, guild),
      [ATTR_BOT_COMMAND_NAME]: meaning.command,
    },
    body: guild === undefined ? meaning.body : { guild: discordId(guild), ...meaning.body },
    content: () => dispatchContent(type, payload),
    update: () => payload,
  };
}

const own = (payload: unknown): string | undefined => readSnowflake(payload, 'id');

/** Where it happened: a kind of channel, or the guild as a whole. */
function typeOf(type: string | undefined, channel: string | undefined, guild: string | undefined): string | undefined {
  if (channel === undefined) return guild === undefined ? undefined : 'guild';
  if (type === undefined) return guild === undefined ? 'dm' : undefined;
  return Object.hasOwn(CHANNEL_TYPES, type) ? CHANNEL_TYPES[type] : undefined;
}

function isKnown(type: string): type is keyof typeof EVENTS {
  return Object.hasOwn(EVENTS, type);
}

function dateOf(iso: unknown): Date | undefined {
  if (typeof iso !== 'string' || iso.length > 40) return undefined;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
