import { Composer } from 'grammy';
import { nameOf } from './people.js';

export const links = new Composer();

links.on(['message::url', 'edited_message::url'], async (ctx) => {
  if (ctx.chat.type === 'private') return;
  const { status } = await ctx.getAuthor();
  if (status === 'creator' || status === 'administrator') return;
  await ctx.deleteMessage();
  await ctx.reply(`${nameOf(ctx.from)}, links are not welcome here. See the /rules.`);
});
