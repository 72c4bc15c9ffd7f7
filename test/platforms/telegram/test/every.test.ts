import { expect, test } from 'vitest';
import { DISRUPTIVE, EVERY_CALL, EVERY_UPDATE, type Method, makeScene, type UpdateType } from '../index.ts';
import { connect, startTelegram } from './start.ts';

test('every method of the Bot API is answered, the ones that disturb others included', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const { raw } = connect(telegram, account).api;
  const methods = Object.keys(EVERY_CALL) as Method[];
  const order = [...methods.filter((method) => !DISRUPTIVE.has(method)), ...DISRUPTIVE];
  const failed: unknown[] = [];
  for (const method of order) {
    const call = raw[method] as (...payload: object[]) => Promise<unknown>;
    const payload = EVERY_CALL[method](makeScene(telegram, account));
    // grammY's methods without parameters take a signal in their place.
    await call(...(Object.keys(payload).length > 0 ? [payload] : [])).catch((error: unknown) => failed.push(error));
    if (method === 'setWebhook') await raw.deleteWebhook({});
    if (method === 'logOut') account.closed = false;
  }
  expect(failed).toEqual([]);
  expect(new Set(telegram.log.of().map(({ method }) => method)).size).toBe(methods.length);
});

test('every type of update reaches a bot that asked for it', async () => {
  const telegram = await startTelegram();
  const account = telegram.addBot();
  const bot = connect(telegram, account);
  const types = Object.keys(EVERY_UPDATE) as UpdateType[];
  const seen = new Set<string>();
  bot.use((ctx) => {
    seen.add(Object.keys(ctx.update)[1] ?? '');
  });
  const running = bot.start({ allowed_updates: types });
  await telegram.awaitPolling(account);
  for (const type of types) telegram.delivers(account, { [type]: EVERY_UPDATE[type](makeScene(telegram, account)) });
  await telegram.until(() => types.every((type) => seen.has(type)));
  await bot.stop();
  await running;
});
