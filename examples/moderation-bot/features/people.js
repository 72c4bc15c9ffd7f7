import { Composer } from 'grammy';

/** Who was seen, by @username in lower case: Telegram does not tell a bot who is behind a name. */
const seen = new Map();

export const people = new Composer();

people.use((ctx, next) => {
  const { from, message, chatMember } = ctx;
  for (const user of [from, ...(message?.new_chat_members ?? []), chatMember?.new_chat_member.user]) {
    if (user?.username) seen.set(user.username.toLowerCase(), user);
  }
  return next();
});

/**
 * Whom a command is about: the author of the message it replies to, or the first one it mentions.
 */
export function subjectOf(ctx) {
  const replied = ctx.message?.reply_to_message?.from;
  if (replied && !ctx.message.reply_to_message.forum_topic_created) return replied;
  const [link] = ctx.entities('text_mention');
  if (link) return link.user;
  const [mention] = ctx.entities('mention');
  return mention && seen.get(mention.text.slice(1).toLowerCase());
}

export function nameOf(user) {
  return user.username ? `@${user.username}` : user.first_name;
}

/** Lets administrators through, and tells the others. */
export async function administratorsOnly(ctx, next) {
  const { status } = await ctx.getAuthor();
  if (status === 'creator' || status === 'administrator') return next();
  return ctx.reply('Only administrators may do that.');
}
