import { onTestFinished } from 'vitest';
import { TelegramServer, type TelegramServerOptions } from '../../platforms/telegram/index.ts';

/** A Telegram that ends with the test. */
export async function startTelegram(options?: TelegramServerOptions): Promise<TelegramServer> {
  const telegram = await TelegramServer.start(options);
  onTestFinished(() => telegram.stop());
  return telegram;
}
