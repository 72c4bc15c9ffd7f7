import { Composer } from 'grammy';
import { nameOf } from './people.js';

export const welcome = new Composer();

welcome.on('message:new_chat_members', (ctx) => {
  const newcomers = ctx.message.new_chat_members.filter((user) => !user.is_bot);
  if (newcomers.length === 0) return;
  return ctx.reply(`Welcome, ${newcomers.map(nameOf).join(', ')}! Please read the /rules.`);
});
