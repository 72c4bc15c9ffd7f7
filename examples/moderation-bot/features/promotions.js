import { Composer } from 'grammy';
import { administratorsOnly, nameOf, subjectOf } from './people.js';

const MODERATOR = { can_delete_messages: true, can_restrict_members: true, can_pin_messages: true };

export const promotions = new Composer();

promotions.command('promote', administratorsOnly, async (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Reply to a message of theirs, or mention them.');
  await ctx.promoteChatMember(user.id, MODERATOR);
  await ctx.setChatAdministratorCustomTitle(user.id, 'Moderator');
  await ctx.reply(`${nameOf(user)} is a moderator now.`);
});

promotions.command('demote', administratorsOnly, async (ctx) => {
  const user = subjectOf(ctx);
  if (!user) return ctx.reply('Whom? Mention them.');
  await ctx.promoteChatMember(user.id, {});
  await ctx.reply(`${nameOf(user)} is a member like all others.`);
});
