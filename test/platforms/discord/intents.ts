/** `GatewayIntentBits.MessageContent`: without it, bots see what others write in guilds as empty. */
export const MESSAGE_CONTENT = 1 << 15;

/** Which bit asks for what; events that are not here come to everybody. */
const INTENTS: readonly (readonly [RegExp, inGuild: number, inDirectMessages: number])[] = [
  [/^(GUILD_(UPDATE|DELETE|ROLE_\w+)|CHANNEL_\w+|THREAD_\w+|STAGE_\w+)$/, 1 << 0, 0],
  [/^GUILD_MEMBER_/, 1 << 1, 0],
  [/^(GUILD_BAN_|GUILD_AUDIT_LOG_)/, 1 << 2, 0],
  [/^(GUILD_EMOJIS_|GUILD_STICKERS_|GUILD_SOUNDBOARD_)/, 1 << 3, 0],
  [/^INVITE_/, 1 << 6, 0],
  [/^MESSAGE_(CREATE|UPDATE|DELETE)/, 1 << 9, 1 << 12],
  [/^MESSAGE_REACTION_/, 1 << 10, 1 << 13],
  [/^TYPING_START$/, 1 << 11, 1 << 14],
];

/** The bit that a bot must have asked for to be told of an event; `undefined`: none. */
export function intentOf(event: string, inGuild: boolean): number | undefined {
  const found = INTENTS.find(([pattern]) => pattern.test(event));
  return found && (inGuild ? found[1] : found[2] || undefined);
}
