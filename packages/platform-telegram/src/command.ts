import { read, readId, readList } from '@botaudit/instrumentation';

/** A message may hold many entities; a command is the first one. */
const MAX_ENTITIES = 100;
const COMMAND = /^(\/[^\s@]{1,64})(?:@(\S{1,64}))?$/u;

/**
 * The command that a message gives to this bot, without its arguments: `/ban`. As Telegram marks it: an entity at the
 * very start. `/ban@other_bot` is a command to another bot, and none to this one.
 *
 * @param username the bot's own; where it isn't known, every command is taken for one to this bot.
 */
export function commandOf(message: unknown, username: string | undefined): string | undefined {
  const text = read(message, 'text') ?? read(message, 'caption');
  if (typeof text !== 'string' || !text.startsWith('/')) return undefined;
  const entity = [...readList(message, ['entities'], MAX_ENTITIES), ...readList(message, ['caption_entities'], 1)].find(
    (candidate) => read(candidate, 'type') === 'bot_command' && read(candidate, 'offset') === 0,
  );
  const length = Number(readId(entity, 'length'));
  const match = COMMAND.exec(text.slice(0, length || 0));
  if (!match?.[1]) return undefined;
  const addressee = match[2]?.toLowerCase();
  if (addressee !== undefined && username !== undefined && addressee !== username.toLowerCase()) return undefined;
  return match[1];
}
