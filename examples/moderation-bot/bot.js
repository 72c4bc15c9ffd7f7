import { Bot, GrammyError, HttpError } from 'grammy';
import { bans } from './features/bans.js';
import { links } from './features/links.js';
import { muting } from './features/muting.js';
import { people } from './features/people.js';
import { pins } from './features/pins.js';
import { promotions } from './features/promotions.js';
import { rules } from './features/rules.js';
import { warnings } from './features/warnings.js';
import { welcome } from './features/welcome.js';

const token = process.env.BOT_TOKEN;
if (!token) {
  console.error('BOT_TOKEN is not set. @BotFather gives you one.');
  process.exit(1);
}

const bot = new Bot(token, {
  client: { apiRoot: process.env.TELEGRAM_API_ROOT ?? 'https://api.telegram.org' },
});

bot.use(people);
bot.use(rules, welcome, warnings, muting, bans, promotions, pins, links);

bot.catch(({ error, ctx }) => {
  console.error(`Update ${ctx.update.update_id} could not be handled:`);
  if (error instanceof GrammyError) console.error(`  Telegram refused ${error.method}: ${error.description}`);
  else if (error instanceof HttpError) console.error(`  Telegram could not be reached: ${error.message}`);
  else console.error(`  ${error}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => bot.stop());
}

await bot.api.setMyCommands([
  { command: 'rules', description: 'What holds in this group' },
  { command: 'warn', description: 'Warn somebody; the third warning mutes' },
  { command: 'warnings', description: 'Who was warned how often' },
  { command: 'mute', description: 'Silence somebody, for an hour or for as many minutes as you say' },
  { command: 'unmute', description: 'Let them speak again' },
  { command: 'ban', description: 'Throw somebody out, after a question' },
  { command: 'unban', description: 'Let them come back' },
  { command: 'promote', description: 'Make somebody a moderator' },
  { command: 'demote', description: 'Make a moderator a member again' },
  { command: 'pin', description: 'Pin the message you reply to' },
  { command: 'unpin', description: 'Take down the latest pin' },
]);

await bot.start({
  allowed_updates: ['message', 'edited_message', 'callback_query', 'chat_member', 'my_chat_member'],
  onStart: ({ username }) => console.log(`@${username} keeps watch`),
});
console.log('Good night');
