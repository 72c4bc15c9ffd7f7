import { Bot, type BotConfig, type Context } from 'grammy';
import { onTestFinished } from 'vitest';
import { type BotAccount, TelegramServer, type TelegramServerOptions } from '../index.ts';

/** A Telegram that ends with the test. */
export async function startTelegram(options?: TelegramServerOptions): Promise<TelegramServer> {
  const telegram = await TelegramServer.start(options);
  onTestFinished(() => telegram.stop());
  return telegram;
}

/** A real grammY bot for an account; it does not poll yet. */
export function connect(telegram: TelegramServer, account: BotAccount, config: BotConfig<Context> = {}): Bot {
  return new Bot(account.token, { ...config, client: { apiRoot: telegram.url, ...config.client } });
}

/** Has a bot poll until the test ends. */
export async function poll(telegram: TelegramServer, account: BotAccount, bot: Bot): Promise<void> {
  const running = bot.start({ allowed_updates: ['message', 'callback_query', 'chat_member', 'message_reaction'] });
  onTestFinished(async () => {
    await bot.stop();
    await running;
  });
  await telegram.awaitPolling(account);
}
