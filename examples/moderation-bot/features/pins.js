import { Composer } from 'grammy';
import { administratorsOnly } from './people.js';

export const pins = new Composer();

pins.command('pin', administratorsOnly, (ctx) => {
  const message = ctx.message.reply_to_message;
  if (!message) return ctx.reply('Reply to the message that I should pin.');
  return ctx.pinChatMessage(message.message_id);
});

pins.command('unpin', administratorsOnly, (ctx) => ctx.unpinChatMessage());
