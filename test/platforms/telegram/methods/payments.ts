import type { Invoice, LabeledPrice, RefundedPayment } from 'grammy/types';
import { type Call, type Handlers, userOfCall } from '../call.ts';
import { badRequest } from '../errors.ts';
import type { Charge, InvoiceTerms } from '../payments.ts';
import { postAsBot } from './send-text.ts';

function termsOf({ args, bot }: Call): InvoiceTerms {
  const prices = args.json<LabeledPrice[]>('prices') ?? [];
  const currency = args.text('currency');
  for (const name of ['title', 'description', 'payload']) {
    if (!args.has(name)) throw badRequest(`invoice ${name} must be non-empty`);
  }
  if (prices.length === 0) throw badRequest('there must be at least one price');
  if (!/^[A-Z]{3}$/.test(currency)) throw badRequest('CURRENCY_INVALID');
  if (currency !== 'XTR' && !args.has('provider_token')) throw badRequest('PAYMENT_PROVIDER_INVALID');
  return { bot, payload: args.text('payload'), currency, prices, flexible: args.flag('is_flexible') };
}

function invoiceOf({ args }: Call, { currency, prices }: InvoiceTerms): Invoice {
  return {
    title: args.text('title'),
    description: args.text('description'),
    start_parameter: args.text('start_parameter'),
    currency,
    total_amount: prices.reduce((sum, { amount }) => sum + amount, 0),
  };
}

function chargeOf(call: Call): Charge {
  const user = userOfCall(call);
  const charge = call.world.payments.charge(call.args.text('telegram_payment_charge_id'));
  if (!charge || charge.bot !== call.bot || charge.user.id !== user.id) throw badRequest('CHARGE_ID_INVALID');
  return charge;
}

/** Invoices, refunds and stars. */
export const paymentMethods: Handlers<
  | 'sendInvoice'
  | 'createInvoiceLink'
  | 'refundStarPayment'
  | 'getMyStarBalance'
  | 'getStarTransactions'
  | 'editUserStarSubscription'
> = {
  sendInvoice(call) {
    const terms = termsOf(call);
    const message = postAsBot(call, { invoice: invoiceOf(call, terms) });
    call.world.payments.remember(message, terms);
    return message;
  },

  createInvoiceLink: (call) => call.world.payments.link(termsOf(call)),

  refundStarPayment(call) {
    const charge = chargeOf(call);
    if (charge.refunded) throw badRequest('CHARGE_ALREADY_REFUNDED');
    charge.refunded = true;
    const { currency, total_amount, invoice_payload, telegram_payment_charge_id } = charge.payment;
    call.bot.stars -= total_amount;
    const refund: RefundedPayment = { currency, total_amount, invoice_payload, telegram_payment_charge_id };
    charge.chat.post(charge.user, { refunded_payment: refund });
    return true;
  },

  getMyStarBalance: ({ bot }) => ({ amount: bot.stars }),

  getStarTransactions({ bot, world, args }) {
    const offset = args.integer('offset') ?? 0;
    const limit = args.integer('limit') ?? 100;
    return { transactions: world.payments.transactions(bot).slice(offset, offset + limit) };
  },

  editUserStarSubscription: (call) => Boolean(chargeOf(call)) as true,
};
