import { expect, test } from 'vitest';
import { connect, startTelegram } from './start.ts';

async function shop() {
  const telegram = await startTelegram();
  const account = telegram.addBot({ name: 'Shop' });
  const alice = telegram.addUser({ name: 'Alice' });
  alice.says(account, '/start');
  account.queue.clear();
  const bot = connect(telegram, account);
  return { telegram, account, alice, bot };
}

test('an invoice is checked by the bot, paid, and refunded', async () => {
  const { telegram, account, alice, bot } = await shop();
  const receipts: string[] = [];
  bot.on('pre_checkout_query', (ctx) => ctx.answerPreCheckoutQuery(true));
  bot.on('message:successful_payment', (ctx) => {
    receipts.push(ctx.message.successful_payment.telegram_payment_charge_id);
  });
  account.queue.allow([]);
  const running = bot.start();
  await telegram.awaitPolling(account);
  const sent = await bot.api.sendInvoice(alice.id, 'Tea', 'A cup', 'tea-1', 'XTR', [{ label: 'Tea', amount: 5 }]);
  const chat = telegram.world.openDialogue(account.user, alice.user);
  const payment = alice.pays(chat.message(sent.message_id) ?? sent);
  expect(await payment.settled()).toBe('paid');
  const [charge] = await telegram.until(() => receipts.length > 0 && receipts);
  expect(await bot.api.getMyStarBalance()).toEqual({ amount: 5 });
  await bot.api.refundStarPayment(alice.id, charge ?? '');
  expect(chat.messages.at(-1)?.refunded_payment).toMatchObject({ telegram_payment_charge_id: charge });
  await expect(bot.api.refundStarPayment(alice.id, charge ?? '')).rejects.toThrow('CHARGE_ALREADY_REFUNDED');
  await bot.stop();
  await running;
});

test('a flexible price asks where to ship to; a bot may decline', async () => {
  const { telegram, account, alice, bot } = await shop();
  const questions: string[] = [];
  bot.on('shipping_query', (ctx) => {
    questions.push(ctx.shippingQuery.shipping_address.city);
    const shipping_options = [{ id: 'post', title: 'Post', prices: [{ label: 'Post', amount: 100 }] }];
    return ctx.answerShippingQuery(true, { shipping_options });
  });
  bot.on('pre_checkout_query', (ctx) => {
    questions.push(`${ctx.preCheckoutQuery.total_amount}`);
    return ctx.answerPreCheckoutQuery(false, 'Sold out');
  });
  const running = bot.start();
  await telegram.awaitPolling(account);
  const link = await bot.api.createInvoiceLink(
    'Book',
    'A book',
    'book',
    'provider',
    'EUR',
    [{ label: 'Book', amount: 900 }],
    { is_flexible: true },
  );
  const payment = alice.pays(link);
  expect(await payment.settled()).toBe('declined');
  expect(payment.reason).toBe('Sold out');
  expect(questions).toEqual(['Wien', '1000']);
  await bot.stop();
  await running;
});

test('refuses invoices that say too little', async () => {
  const { alice, bot } = await shop();
  const price = [{ label: 'Tea', amount: 5 }];
  await expect(bot.api.sendInvoice(alice.id, '', 'A cup', 'tea', 'XTR', price)).rejects.toThrow(
    'title must be non-empty',
  );
  await expect(bot.api.sendInvoice(alice.id, 'Tea', 'A cup', 'tea', 'XTR', [])).rejects.toThrow('at least one price');
  await expect(bot.api.sendInvoice(alice.id, 'Tea', 'A cup', 'tea', 'EUR', price)).rejects.toThrow(
    'PAYMENT_PROVIDER_INVALID',
  );
});
