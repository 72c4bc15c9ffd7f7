import { Composer, InlineKeyboard } from 'grammy';
import { administratorsOnly, nameOf, subjectOf } from './people.js';

export const bans = new Composer();

bans.command('ban', administratorsOnly, (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Reply to a message of theirs, or mention them.');
  return ctx.reply(`Ban ${nameOf(user)} for good?`, {
    reply_markup: new InlineKeyboard().text('Ban', `ban:${user.id}`).text('Cancel', 'ban:cancel'),
  });
});

bans.callbackQuery('ban:cancel', async (ctx) => {
  await ctx.answerCallbackQuery();
  await ctx.editMessageText('Nobody was banned.');
});

bans.callbackQuery(/^ban:(\d+)$/, async (ctx) => {
  const { status } = await ctx.getAuthor();
  if (status !== 'creator' && status !== 'administrator') {
    return ctx.answerCallbackQuery({ text: 'Only administrators may do that.', show_alert: true });
  }
  await ctx.banChatMember(Number(ctx.match[1]), { revoke_messages: true });
  await ctx.answerCallbackQuery({ text: 'Banned' });
  await ctx.editMessageText(`Banned by ${nameOf(ctx.from)}.`);
});

bans.command('unban', administratorsOnly, async (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Mention them.');
  await ctx.unbanChatMember(user.id, { only_if_banned: true });
  await ctx.reply(`${nameOf(user)} may come back.`);
});
