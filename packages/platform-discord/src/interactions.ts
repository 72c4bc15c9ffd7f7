import { read, readId, readIds, readList } from '@botaudit/instrumentation';
import type { EventName } from '@botaudit/record';
import { memberActor } from './actor.js';
import { discordId, isSnowflake, messageTarget, readSnowflake, target } from './ids.js';
import type { Meaning } from './meaning.js';

/** Discord's limit of options, and of values in a menu. */
const MAX_OPTIONS = 25;
/** Subcommands stand in groups, and those in commands. */
const MAX_DEPTH = 3;

/** `ApplicationCommandOptionType` of subcommands and of their groups. */
const SUBCOMMANDS: readonly unknown[] = [1, 2];
/** `ApplicationCommandOptionType` of users, channels, roles, any of these, and attachments: their values are ids. */
export const OPTIONS_OF_IDS: readonly unknown[] = [6, 7, 8, 9, 11];
/** `ComponentType` of menus of users, roles, any of these, and channels: their values are ids. */
const MENUS_OF_IDS: readonly unknown[] = [5, 6, 7, 8];

/** `ApplicationCommandType.ChatInput`: typed, with a slash. */
const CHAT_INPUT = 1;
const NAME = /^[^\p{C}]{1,32}$/u;

/** A name that developers give: a command's, an option's. */
function nameOf(value: unknown): string | undefined {
  const name = readId(value, 'name');
  return name !== undefined && NAME.test(name) ? name : undefined;
}

/** The options that were given to a command, or to its subcommand. */
export function givenOptions(data: unknown): readonly unknown[] {
  return given(data).options;
}

/** Whether something was picked from a menu whose values are ids. */
export function isMenuOfIds(data: unknown): boolean {
  return MENUS_OF_IDS.includes(read(data, 'component_type'));
}

interface Given {
  /** `ban`, and names of subcommands after it. */
  readonly words: readonly string[];
  readonly options: readonly unknown[];
}

/** A command's own name with those of its subcommand, and the options that were given to that. */
function given(data: unknown): Given {
  const words: string[] = [];
  let level = data;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const name = nameOf(level);
    if (name !== undefined) words.push(name);
    const options = readList(level, ['options'], MAX_OPTIONS);
    const [first] = options;
    if (!SUBCOMMANDS.includes(read(first, 'type'))) return { words, options };
    level = first;
  }
  return { words, options: [] };
}

/** An option by its name; its value where that is an id, never what somebody wrote. */
function describeOption(option: unknown): Readonly<Record<string, string>> | undefined {
  const name = nameOf(option);
  if (name === undefined) return undefined;
  const id = OPTIONS_OF_IDS.includes(read(option, 'type')) ? readSnowflake(option, 'value') : undefined;
  return { name, ...(id !== undefined && { id: discordId(id) }) };
}

function command(interaction: unknown): Meaning {
  const data = read(interaction, 'data');
  const { words, options } = given(data);
  const described = options.map(describeOption).filter((option) => option !== undefined);
  // What a user or a message was picked from: a command of its context menu.
  const picked = readSnowflake(data, 'target_id');
  const message = read(data, 'resolved', 'messages') === undefined ? undefined : picked;
  return {
    name: 'bot.command',
    actor: memberActor(interaction),
    target:
      messageTarget(readSnowflake(interaction, 'channel_id'), message) ??
      target('user', picked) ??
      target('command', readSnowflake(data, 'id')),
    command: words.length > 0 ? `${read(data, 'type') === CHAT_INPUT ? '/' : ''}${words.join(' ')}` : undefined,
    body: described.length > 0 ? { options: described } : undefined,
  };
}

function used(name: EventName, action: string | undefined, interaction: unknown): Meaning {
  const data = read(interaction, 'data');
  const message = read(interaction, 'message');
  const chosen = isMenuOfIds(data) ? readIds(data, ['values'], MAX_OPTIONS).filter(isSnowflake).map(discordId) : [];
  return {
    name,
    action,
    actor: memberActor(interaction),
    target:
      messageTarget(readSnowflake(message, 'channel_id'), readSnowflake(message, 'id')) ??
      target('interaction', readSnowflake(interaction, 'id')),
    body: chosen.length > 0 ? { chosen } : undefined,
  };
}

/** What a person did with a command, a button, a menu, a form, by `InteractionType`. */
const INTERACTIONS: Readonly<Record<string, (interaction: unknown) => Meaning>> = {
  2: command,
  3: (component) => used('bot.callback', undefined, component),
  // Sent at each key that is pressed.
  4: (completion) => ({ ...command(completion), name: 'bot.activity', action: 'READ' }),
  5: (form) => used('bot.callback', 'SEND', form),
};

/** What an interaction of any kind means, also of one that is newer than this. */
export function mapInteraction(interaction: unknown): Meaning {
  const type = readId(interaction, 'type') ?? '';
  const map = Object.hasOwn(INTERACTIONS, type) ? INTERACTIONS[type] : undefined;
  const meaning = map ? map(interaction) : used('bot.callback', undefined, interaction);
  return { ...meaning, id: readSnowflake(interaction, 'id'), chatType: read(interaction, 'channel', 'type') };
}
