import { Composer, InlineKeyboard } from 'grammy';

const RULES = ['Be kind.', 'No links to elsewhere.', 'Stay on topic.'];

export const rules = new Composer();

rules.command(['start', 'rules'], (ctx) =>
  ctx.reply(`<b>Rules</b>\n${RULES.map((rule, index) => `${index + 1}. ${rule}`).join('\n')}`, {
    parse_mode: 'HTML',
    reply_markup: new InlineKeyboard().text('I agree', 'rules:agree'),
  }),
);

rules.callbackQuery('rules:agree', (ctx) => ctx.answerCallbackQuery({ text: 'Thank you!' }));
